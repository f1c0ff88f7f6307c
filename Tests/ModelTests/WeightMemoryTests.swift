import TestSupport
import Testing

@testable import Model

/// What the headers say that weights will take is what is there when they are read.
@Suite struct WeightMemoryTests {
  @Test(arguments: TinyModel.cases)
  func isWhatIsRead(_ setting: TinyModel.Case) throws {
    let memory = try WeightMemory(
      directory: setting.family.directory, fineTuning: setting.fineTuning)
    let used: [Int32] = [3, 1, 4, 5, 9]
    let classifier = try Classifier.load(
      directory: setting.family.directory, fineTuning: setting.fineTuning, usedTokens: used
    ).classifier
    #expect(memory.trainable.count == classifier.trainable.count)
    #expect(
      memory.trainable.largest == classifier.trainable.tensors.map(\.range.count).max())
    let width = classifier.configuration.hiddenSize
    let rows = setting.freezeEmbeddings ? used.count * width : 0
    let (stays, table) = (classifier.frozen.count, classifier.configuration.vocabularySize)
    #expect(memory.held(rows: used.count) == 4 * (memory.trainable.count + stays + table + rows))
    #expect(
      memory.released(rows: used.count) == (setting.freezeEmbeddings ? 4 * (stays + rows) : 0))
    #expect(memory.whileReading(rows: 0) > memory.held(rows: 0))
  }
}
