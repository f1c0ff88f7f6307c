extension Page {
  /// The page as an SVG document, text as text, with a title and a description for screen readers.
  public func svg() -> String {
    var writer = SVGWriter()
    let (width, height) = (writer.number(size.width), writer.number(size.height))
    writer.add(#"<?xml version="1.0" encoding="UTF-8"?>"#)
    writer.add(
      #"<svg xmlns="http://www.w3.org/2000/svg" width="\#(width)pt" height="\#(height)pt" "#
        + #"viewBox="0 0 \#(width) \#(height)" role="img" "#
        + #"font-family="\#(writer.fonts(fontFamily))">"#)
    writer.add("<title>\(writer.escape(title))</title>")
    if !alternativeText.isEmpty { writer.add("<desc>\(writer.escape(alternativeText))</desc>") }
    for shape in shapes { writer.add(shape, shape.colors.map(SVGWriter.Paint.color)) }
    writer.add("</svg>")
    return writer.document
  }
}
