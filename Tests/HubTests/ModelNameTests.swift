import RunLog
import Testing

@Suite struct ModelNameTests {
  @Test(arguments: [
    ("google-bert/bert-base-multilingual-uncased", "main"),
    ("intfloat/multilingual-e5-small@v1.0", "v1.0"), ("a/b@refs/pr/12", "refs/pr/12"),
    ("a/b@0123456789012345678901234567890123456789", "0123456789012345678901234567890123456789"),
    ("cardiffnlp/twitter-xlm-roberta-base", "main"),
  ])
  func isRead(_ text: String, _ revision: String) throws {
    let name = try #require(ModelName(text))
    #expect(name.description == text && name.revision == revision)
    #expect(name.at("other").description == "\(name.id)@other")
  }

  /// What leads out of the cache's folder, or is a path, is no name.
  @Test(arguments: [
    "", "bert", "/a/b", "a/b/c", "../b", "a/..", "a/.b", "a/b.", "a//b", "a/", "/b", "a--x/b",
    "a/b..c", "a/b c", "ä/b", "a/b@", "a/b@../../x", "a/b@/x", "a/b@x//y", "a/b@x y", "a/b@.x",
    "a/b@x\u{0}y", "a/b@c@d", "a/b?c", "~/b", "$HOME/b", "a/" + String(repeating: "b", count: 95),
  ])
  func isRefused(_ text: String) {
    #expect(ModelName(text) == nil)
  }
}
