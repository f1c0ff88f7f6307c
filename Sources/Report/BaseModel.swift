internal import RunLog

/// What a report calls the checkpoint that a run began with, as Markdown.
///
/// A model of the hub has its whole name, and the commit, since a branch moves on. Of others the last part counts: a
/// loader may log a path, which differs from machine to machine.
func baseModel(_ started: RunStarted, _ environment: RunEnvironment?) -> String {
  if let model = environment?.hubModel {
    return "\(markdown(model.id)) at \(markdown(model.commit))"
  }
  let name = started.checkpointName.split(separator: "/").last.map(String.init)
  return markdown(name ?? started.checkpointName)
}
