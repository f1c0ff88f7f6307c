internal import ArgumentParser
internal import Glibc
internal import RunLog

@main
struct ReportTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Fine-tune an encoder on one language, measure it on others, and write the report.",
    discussion: """
      `report RUN-DIR` redraws the figures and rewrites the report of a run from its logs; \
      neither weights nor data are needed. `report demo` runs the built-in example.

      Exit status: 0 done; 1 could not be done; 2 an audit could not compare all figures, or a check cannot \
      tell; 3 a check found something; 64 wrong usage; 130 interrupted.
      """,
    version: Version.current,
    subcommands: [
      RenderCommand.self, AuditCommand.self, CheckCommand.self, TemplateCommand.self,
      FiguresCommand.self,
      TrainCommand.self,
      PipelineCommand.self, DemoCommand.self, CompareCommand.self, StudyCommand.self,
      FewShotCommand.self, ExportCommand.self, CardCommand.self, PredictCommand.self,
      EvaluateCommand.self,
      ProbeCommand.self, TokenizeCommand.self, DeviceCommand.self, DownloadCommand.self,
      CacheCommand.self,
    ],
    defaultSubcommand: RenderCommand.self)

  /// Runs the command that the arguments name; `ArgumentParser`'s own way prints help with `print`, which does not say
  /// when it could not.
  static func main() {
    // Writing to a reader that has gone, or beyond the largest file allowed, is an error and no end: a training goes on
    // when nobody reads its progress any more.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    do {
      var command = try TeamWork.saidOnce {
        let command = try parseAsRoot()
        try TeamWork.check(command)
        return command
      }
      do {
        try command.run()
      } catch let error where !(error is ExitCode) {
        // Who names a thing of another kind gets an error from deep inside; better the command for it.
        throw (command as? any NamesThings)?.misnamed ?? error
      }
    } catch  where exitCode(for: error) == .success {
      do {
        let text = fullMessage(for: error)
        if !text.isEmpty { try StandardOutput.line(text) }
      } catch {
        exit(withError: error)
      }
    } catch {
      exit(withError: error)
    }
  }
}
