import Results
import RunLog
import TestSupport

/// The results of a small run, changed on disk before they are read; the folder lives as long as it is held.
func tinyResults(
  _ run: TinyRun = TinyRun(), change: (RunDirectory) throws -> Void = { _ in }
) throws -> (results: RunResults, folder: TemporaryFolder) {
  let folder = try TemporaryFolder()
  try run.write(to: folder.path)
  try change(RunDirectory(folder.path))
  return (try RunResults(Run(folder.path)), folder)
}
