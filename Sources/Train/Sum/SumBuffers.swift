package import Model

/// The stores in which gradients are computed and added up, made when they are first needed and kept from batch to batch.
///
/// Unchecked because one `TreeSum` at a time uses them, under its lock.
package final class SumBuffers: @unchecked Sendable {
  private(set) var stores: [ParameterStore] = []
  private let makeStore: @Sendable () -> ParameterStore

  /// - Parameter makeStore: makes one, laid out like all others.
  package init(_ makeStore: @escaping @Sendable () -> ParameterStore) {
    self.makeStore = makeStore
  }

  /// How many there are.
  package var count: Int { stores.count }

  /// Makes one more.
  func make() -> ParameterStore {
    let store = makeStore()
    stores.append(store)
    return store
  }
}
