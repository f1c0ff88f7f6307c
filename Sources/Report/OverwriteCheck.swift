internal import Chart
internal import RunLog
internal import Storage

/// Checks that files may be written: what is there already must be from an earlier time, not the user's own.
///
/// Where a run or an earlier document lies, its files and figures are written again; elsewhere, as beside the log of
/// another program, a figure is known by what this program writes into it, and anything else is left alone.
///
/// - Parameters:
///   - paths: those to be written.
///   - folder: where they lie.
///   - run: what they are made from, if it is one run.
/// - Throws: `RunLogError` that names those that are not from here.
func refuseOverwriting(
  _ paths: [String], in folder: String, of run: Run? = nil
) throws(RunLogError) {
  let directory = RunDirectory(folder)
  if let run, run.imported == nil, run.directory == directory { return }
  if directory.holdsRun { return }
  let hasRecord = Template.Kind.allCases.contains { isRecord("\(folder)/\($0.record)") }
  let foreign = paths.filter { path in
    guard exists(path) else { return false }
    return isFigureName(path) ? !isFigureFromHere(path) : !hasRecord
  }
  guard let first = foreign.first else { return }
  let more = foreign.count - 1
  let others = more == 0 ? "" : ", like \(more) other\(more == 1 ? "" : "s"),"
  throw RunLogError(
    file: first,
    "already exists\(others) and is not from an earlier report; it is not overwritten. Name another "
      + "folder with --output, or move it away.")
}

private func isRecord(_ path: String) -> Bool {
  guard exists(path), let json = try? JSON.read(path) else { return false }
  return json["inputs"] != nil && json["numbers"] != nil
}

private func isFigureName(_ path: String) -> Bool {
  FigureFormat.allCases.contains { path.hasSuffix(".\($0.rawValue)") }
}

/// Whether a file is as figures of this program are: a PNG that names the program, an SVG whose size is in points, a PDF
/// of the constant date.
func isFigureFromHere(_ path: String) -> Bool {
  guard let file = try? RandomAccessFile(path), file.size < 1 << 26,
    let bytes = try? file.contents()
  else { return false }
  func holds(_ text: String, within count: Int = .max) -> Bool {
    bytes.prefix(count).firstRange(of: Array(text.utf8)) != nil
  }
  if path.hasSuffix(".png") {
    return holds("PNG", within: 8) && holds("Software\0TransferGap")
  }
  if path.hasSuffix(".svg") {
    return holds("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", within: 256)
      && holds("pt\" viewBox=\"0 0 ", within: 256) && holds("role=\"img\"", within: 256)
  }
  return holds("%PDF", within: 8) && holds("20000101000000Z")
}
