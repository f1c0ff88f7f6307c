import Chart
import Foundation
import Plot
import Storage
import TestSupport
import Testing

/// docs/figures.md and its pictures: written when `make gallery` asks for them, and held to the figures that there are.
@Suite struct GalleryTests {
  private static let docs = Fixture.folder + "/../../docs"
  private static let pictures = docs + "/images/gallery"

  @Test(.enabled(if: ProcessInfo.processInfo.environment["GALLERY_NUMBERS"] != nil))
  func writeGallery() throws {
    let gallery = try Gallery()
    for picture in gallery.pictures {
      let path = "\(Self.pictures)/\(picture.file)"
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try picture.figure.write(to: path, format: .png, style: picture.style)
    }
    try AtomicFile.write(gallery.text, to: "\(Self.docs)/figures.md")
    let numbers = try JSONSerialization.data(
      withJSONObject: gallery.numbers.map(\.json), options: [.sortedKeys])
    try AtomicFile.write(
      Array(numbers), to: ProcessInfo.processInfo.environment["GALLERY_NUMBERS"] ?? "")
  }

  /// Whoever adds a figure, or changes its words, has to run `make gallery`.
  @Test func theGalleryShowsEveryFigureAtBothWidthsBesideItsCounterpart() throws {
    let gallery = try Gallery()
    for name in FigureName.allCases { #expect(gallery.compared.contains(name.rawValue)) }
    for figure in try ComparisonExample.severalRuns.figures
    where figure.name == "goal-1" || !figure.name.hasPrefix("goal-") {
      #expect(gallery.compared.contains(figure.name))
    }
    #expect(gallery.compared.contains("few_shot"))
    #expect(Set(GalleryVerdicts.all.keys) == Set(gallery.compared))
    let written = try String(contentsOfFile: "\(Self.docs)/figures.md", encoding: .utf8)
    let isSame = written == gallery.text
    #expect(isSame, "docs/figures.md is not what the figures give; run make gallery")
    for name in gallery.compared {
      #expect(GalleryVerdicts.of(name).hasSuffix("."), "\(name)")
      for (width, centimetres) in Gallery.widths {
        let files = Gallery.files(name, width)
        let pixels = Int((centimetres / 2.54 * Gallery.dotsPerInch).rounded())
        let (ours, theirs) = (try size(files.ours), try size(files.theirs))
        #expect(abs(ours.width - pixels) <= 1 && abs(theirs.width - pixels) <= 1, "\(name)")
        #expect(abs(ours.height - theirs.height) <= 1, "\(name), \(width)")
      }
    }
  }

  /// None is missing, and none is left that nothing shows.
  @Test func thePicturesAreThoseThatTheTextShows() throws {
    let gallery = try Gallery()
    let theirs = gallery.compared.flatMap { name in
      Gallery.widths.map { Gallery.files(name, $0.name).theirs }
    }
    let there = try #require(FileManager.default.enumerator(atPath: Self.pictures))
      .compactMap { $0 as? String }.filter { $0.hasSuffix(".png") }
    #expect(Set(there) == Set(gallery.pictures.map(\.file) + theirs))
  }

  /// The pixels of a picture, from its header.
  private func size(_ file: String) throws -> (width: Int, height: Int) {
    let bytes = try RandomAccessFile("\(Self.pictures)/\(file)").contents()
    try #require(bytes.count > 24, "\(file) is no picture")
    func number(_ start: Int) -> Int { bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
    return (number(16), number(20))
  }
}
