internal import RunLog
internal import Storage
internal import TestSupport

/// As little as an experiment can say.
private let shortest = """
  name: x
  model: {checkpoint: m}
  data: {source: {language: en, train: a.csv, validation: b.csv}, targets: []}
  """

let experimentTargets = [
  FuzzTarget(
    "experiment", fileName: "input.yaml", dictionary: "yaml",
    seeds: {
      [
        bytes(try TinyRun().experiment().yaml),
        bytes(
          """
          name: &a x
          model: {checkpoint: ../m, encoder_layers: 3, frozen_layers: 0, prefix_precision: float16}
          labels: [a, "b", 'c']
          data:
            source: {language: en, train: a.csv, validation: {text: t, labels: l}, columns: {text: x}}
            quoting: none
          training: {epochs: 1, schedule: {name: linear, per: step, warmup_steps: 2}}
          goals: [*a, "two\\nlines"]
          """),
      ]
    },
    body: { path, _ in
      let experiment = try Experiment.read(path)
      // The resolved form means the same.
      let again = try Experiment.parse(experiment.yaml, file: path, relativeTo: "/")
      demand(again == experiment, "the resolved configuration reads as something else")
    }),
  FuzzTarget(
    "setting", fileName: "input.yaml", dictionary: "yaml",
    seeds: {
      [
        bytes("training.epochs=3"), bytes("data.targets.0.name=x"),
        bytes("labels=[a, b]\ndata.source={language: en}"), bytes("a.b.c.d={e: [1, {f: 2}]}"),
      ]
    },
    body: { path, bytes in
      let settings = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
      do {
        _ = try Experiment.parse(shortest, file: path, settings: settings, relativeTo: "/")
      } catch let error as RunLogError {
        // An assignment's place is the assignment.
        demand("\(error)".contains("--set") || "\(error)".contains(path), "\(error)")
      }
    }),
]
