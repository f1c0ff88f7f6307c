internal import Yams

extension Experiment {
  /// Where this experiment differs from another, by key.
  ///
  /// - Parameter other: such as what a run was started with.
  /// - Returns: the keys in order, such as `training.batch_size`, with the other's value and this
  ///   one's as YAML; `nothing` where a key is missing.
  public func differences(
    from other: Experiment
  ) -> [(key: String, before: String, now: String)] {
    let (before, now) = (Self.leaves(of: other.yaml), Self.leaves(of: yaml))
    let keys = now.map(\.key) + before.map(\.key).filter { key in !now.contains { $0.key == key } }
    return keys.compactMap { key in
      let a = before.first { $0.key == key }?.value ?? "nothing"
      let b = now.first { $0.key == key }?.value ?? "nothing"
      return a == b ? nil : (key, a, b)
    }
  }

  /// The scalars of a YAML text with their paths.
  private static func leaves(of yaml: String) -> [(key: String, value: String)] {
    func leaves(_ node: Node, _ path: String) -> [(key: String, value: String)] {
      if let mapping = node.mapping {
        return mapping.flatMap { key, value in
          leaves(value, path + (path.isEmpty ? "" : ".") + (key.string ?? "?"))
        }
      }
      if let sequence = node.sequence {
        return sequence.enumerated().flatMap { leaves($0.element, "\(path)[\($0.offset)]") }
      }
      return [(path, node.string ?? "")]
    }
    // What the resolved experiment writes is YAML.
    return (try? compose(yaml: yaml)).flatMap { $0 }.map { leaves($0, "") } ?? []
  }
}
