import Metrics
import Testing

@Suite struct DocumentTests {
  /// Reports link to the section that defines a method.
  @Test(arguments: Method.allCases)
  func everyMethodHasItsSection(_ method: Method) throws {
    #expect(try Simulations.document().contains("<a id=\"\(method.anchor)\"></a>"))
    #expect(!method.name.isEmpty)
  }
}
