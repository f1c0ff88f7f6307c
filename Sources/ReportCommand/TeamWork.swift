internal import ArgumentParser
internal import Glibc
internal import Train

/// Several processes that mpirun or srun has started to train one network.
enum TeamWork {
  /// Does a command's work with the others, and ends with them.
  ///
  /// - Parameter body: gets the team; `nil` for a process alone.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws; on ranks other than 0 `ExitCode` alone if another rank has said why.
  static func join<Result>(_ body: (RankTeam?) throws -> Result) throws -> Result {
    guard let team = try RankTeam.join() else { return try body(nil) }
    do {
      let result = try body(team)
      team.end()
      return result
    } catch let code as ExitCode {
      // Interrupted: all end in good order.
      team.end(status: Int(code.rawValue))
      throw code
    } catch let failure as RankFailure {
      team.end(after: failure)
      // Rank 0 says it for all; a rank that lost touch with the others may be the only one that can.
      if failure.isTold, !team.isFirst { throw ExitCode(1) }
      throw failure
    } catch {
      team.end(after: error)
      throw team.isFirst ? error : RankFailure(error, of: team)
    }
  }

  /// Lets rank 0 alone say what is wrong with the arguments, which are the same for all.
  static func saidOnce<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch  where RankTeam.launched > 1 && RankTeam.launchedRank > 0 {
      throw ExitCode(ReportTool.exitCode(for: error).rawValue)
    }
  }

  /// Makes sure that a command which several processes were started for can be shared by them.
  ///
  /// - Throws: `ValidationError` for one that would do its work as many times.
  static func check(_ command: any ParsableCommand) throws {
    let count = RankTeam.launched
    guard count > 1, !(command is TrainCommand), !(command is PipelineCommand) else { return }
    throw ValidationError(
      "mpirun or srun has started \(count) processes, which only 'report train' and 'report pipeline' share among them; "
        + "start one process for this command.")
  }
}
