internal import Storage

extension BaselineRecord {
  var json: JSON {
    .object([
      "record": .string("baseline_fitted"), "layer": .integer(layer), "strength": .strict(strength),
      "iterations": .integer(iterations), "converged": .bool(hasConverged),
      "examples": .integer(examples), "features": .integer(features), "seconds": .strict(seconds),
    ])
  }

  init(_ fields: Fields) throws(RunLogError) {
    self.init(
      layer: try fields.layer("layer"), strength: try fields.double("strength"),
      iterations: try fields.integer("iterations"), hasConverged: try fields.bool("converged"),
      examples: try fields.integer("examples"), features: try fields.integer("features"),
      seconds: try fields.double("seconds"))
  }
}

extension BaselinesRecord {
  var json: JSON {
    .object([
      "record": .string("baselines"), "layers": .array(layers.map { .integer($0) }),
      "left_out": .array(
        leftOut.map {
          .object([
            "layers": .array($0.layers.map { .integer($0) }), "reason": .string($0.reason),
          ])
        }),
      "tokens": .integer(tokens), "multiply_adds": .strict(multiplyAdds),
      "seconds": .strict(seconds),
    ])
  }

  init(_ fields: Fields) throws(RunLogError) {
    var leftOut: [LeftOut] = []
    for element in try fields.array("left_out") {
      let entry = try Fields(element, file: fields.file, line: fields.line)
      leftOut.append(
        LeftOut(layers: try entry.layers("layers"), reason: try entry.string("reason")))
    }
    self.init(
      layers: try fields.layers("layers"), leftOut: leftOut, tokens: try fields.integer("tokens"),
      multiplyAdds: try fields.double("multiply_adds"), seconds: try fields.double("seconds"))
  }
}

extension Fields {
  /// A layer's number, no larger than a configuration may ask for.
  fileprivate func layer(_ key: String) throws(RunLogError) -> Int {
    let layer = try integer(key)
    guard layer <= BaselineRecord.mostLayers else { throw tooLarge(layer, key) }
    return layer
  }

  fileprivate func layers(_ key: String) throws(RunLogError) -> [Int] {
    let layers = try integers(key)
    if let bad = layers.first(where: { !(0...BaselineRecord.mostLayers).contains($0) }) {
      throw tooLarge(bad, key)
    }
    return layers
  }

  private func tooLarge(_ layer: Int, _ key: String) -> RunLogError {
    RunLogError(
      file: file, line: line,
      "'\(key)' must hold layers from 0 to \(BaselineRecord.mostLayers), not \(layer)")
  }
}

extension BaselineRecord {
  /// Layers are counted up to here.
  fileprivate static let mostLayers = 1000
}
