internal import Foundation
internal import RunLog
internal import Storage

/// The example that comes with the program: its data and its checkpoint.
enum BuiltinExample {
  /// What names it where an experiment file is expected.
  static let demo = Experiment.builtinPrefix + "demo"

  /// Turns a path that may begin with `builtin:demo` into one that can be opened.
  ///
  /// - Throws: `RunLogError` if the example's folder is not where the build puts it.
  @Sendable static func locate(_ path: String) throws -> String {
    guard path == demo || path.hasPrefix(demo + "/") else {
      if path.hasPrefix(Experiment.builtinPrefix) {
        throw RunLogError(
          file: path, "there is no such built-in example; the only one is '\(demo)'.")
      }
      return path
    }
    return try folder() + path.dropFirst(demo.count)
  }

  /// Reads an experiment file, or the built-in one.
  static func read(_ path: String, settings: [String]) throws -> Experiment {
    guard path.hasPrefix(Experiment.builtinPrefix) else {
      return try Experiment.read(path, settings: settings)
    }
    return try Experiment.read(
      locate(path + "/experiment.yaml"), settings: settings, relativeTo: path)
  }

  /// Reads a study's file, or the built-in one, and plans its runs.
  ///
  /// - Parameters:
  ///   - path: a YAML file or `builtin:demo`.
  ///   - output: the study's folder; `studies/<name>` if `nil`.
  /// - Returns: the runs, each with its resolved experiment.
  /// - Throws: `RunLogError` for whatever the file or an experiment has wrong.
  static func plan(_ path: String, output: String?) throws -> StudyPlan {
    let definition =
      path.hasPrefix(Experiment.builtinPrefix)
      ? try StudyDefinition.read(locate(path + "/study.yaml"), relativeTo: path)
      : try StudyDefinition.read(path)
    return try StudyPlan(definition, path: output ?? "studies/\(definition.name)") { settings in
      try read(definition.base, settings: settings)
    }
  }

  /// The example's folder: beside the executable, where SwiftPM copies resources.
  ///
  /// `Bundle.module` would trap if it were missing.
  private static func folder() throws -> String {
    guard let executable = executablePath() else {
      throw RunLogError(file: "/proc/self/exe", "does not say where the program is.")
    }
    let parent = executable.prefix(upTo: executable.lastIndex(of: "/") ?? executable.startIndex)
    let folder = "\(parent)/TransferGap_ReportCommand.resources/demo"
    guard isFolder(folder) else {
      throw RunLogError(
        file: folder,
        "the built-in example is missing; keep this folder beside the program when you move it, or "
          + "build again.")
    }
    return folder
  }
}
