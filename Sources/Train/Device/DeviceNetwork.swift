internal import Device
internal import Model

/// The layers of a classifier over parameters in a device's memory.
struct DeviceNetwork {
  /// What is frozen; `nil` while it is released.
  struct Frozen {
    let store: DeviceStore
    /// The rows of frozen word embeddings that are there; as the classifier numbers them.
    let words: DeviceMatrix
  }

  let embeddings: DeviceEmbeddings?
  /// One per layer that is kept; `nil` of released ones.
  let layers: [DeviceEncoderLayer?]
  let head: DeviceHead

  /// - Parameters:
  ///   - trainable: the parameters that learn.
  ///   - frozen: the others.
  ///   - classifier: whose network it is; only shapes are looked at.
  init(_ trainable: DeviceStore, _ frozen: Frozen?, of classifier: Classifier) {
    let (configuration, tuning) = (classifier.configuration, classifier.fineTuning)
    if tuning.freezeEmbeddings {
      embeddings = frozen.map { DeviceEmbeddings($0.store, words: $0.words, configuration) }
    } else {
      embeddings = DeviceEmbeddings(trainable, words: trainable.matrix(.words), configuration)
    }
    layers = (0..<tuning.encoderLayers).map { index in
      let store = index < tuning.frozenLayers ? frozen?.store : trainable
      return store.map { DeviceEncoderLayer($0, index: index, configuration) }
    }
    head = DeviceHead(trainable, layers: tuning.encoderLayers, configuration)
  }

  /// A network without memory, to count with.
  init(shapesOf classifier: Classifier) {
    let nowhere = DeviceBuffer(bytes: 0)
    self.init(
      DeviceStore(nowhere, like: classifier.trainable),
      Frozen(
        store: DeviceStore(nowhere, like: classifier.frozen),
        words: DeviceMatrix(
          nowhere, offset: 0, rows: 1, columns: classifier.configuration.hiddenSize)),
      of: classifier)
  }
}

/// The layers of a gradient in a device's memory, laid out like the parameters that learn.
struct DeviceGradient {
  let store: DeviceStore
  let embeddings: DeviceEmbeddings?
  /// One per layer that is kept; `nil` of frozen ones.
  let layers: [DeviceEncoderLayer?]
  let head: DeviceHead

  init(_ store: DeviceStore, of classifier: Classifier) {
    let (configuration, tuning) = (classifier.configuration, classifier.fineTuning)
    self.store = store
    embeddings =
      tuning.freezeEmbeddings
      ? nil : DeviceEmbeddings(store, words: store.matrix(.words), configuration)
    layers = (0..<tuning.encoderLayers).map {
      $0 < tuning.frozenLayers ? nil : DeviceEncoderLayer(store, index: $0, configuration)
    }
    head = DeviceHead(store, layers: tuning.encoderLayers, configuration)
  }
}
