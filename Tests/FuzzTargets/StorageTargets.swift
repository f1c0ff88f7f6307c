internal import Storage
internal import TestSupport

let storageTargets = [
  FuzzTarget(
    "json", fileName: "input.json", dictionary: "json",
    seeds: {
      [
        bytes(#"{"a": [1, -2.5e-3, null, true, "x\u00e9\ud83d\ude00\n"], "b": {"c": {}}}"#),
        bytes("[NaN, -Infinity, 1e400, 9223372036854775808, []]"),
      ]
    },
    body: { path, bytes in
      let value = try JSON.read(path)
      // What is written reads as the same, in both forms.
      for text in [value.text, value.prettyText] {
        let again = try JSON.parse(Array(text.utf8), file: path)
        demand(again.text == value.text, "what was written reads as something else")
      }
    }),
  FuzzTarget(
    "safetensors", fileName: "input.safetensors", dictionary: "safetensors",
    seeds: {
      try ["storage/ours.safetensors", "storage/reference.safetensors"].map {
        try RandomAccessFile(Fixture.path($0)).contents()
      }
    },
    body: { path, _ in
      let file = try SafetensorsReader(path)
      for (name, entry) in file.entries {
        switch entry.elementType {
        case .f32, .f16, .bf16:
          let all = try file.floats(name, shape: entry.shape)
          demand(all.count == entry.count)
          if entry.count > 1 { _ = try file.floats(name, range: 1..<entry.count) }
        case .i64: try demand(file.integers(name).count == entry.count)
        case .f64: try demand(file.doubles(name).count == entry.count)
        default:
          demand((try? file.floats(name)) == nil)
        }
      }
    }),
]
