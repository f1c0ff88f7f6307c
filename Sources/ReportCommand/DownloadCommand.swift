internal import ArgumentParser
internal import Hub
internal import RunLog

struct DownloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "download",
    abstract: "Fetch a model from the Hugging Face hub into the cache.",
    discussion: """
      Fetches what a training needs of the model and is not in the cache yet: configuration, tokenizer, and weights as \
      safetensors. An experiment names it as `checkpoint: OWNER/MODEL`. What was interrupted resumes where it stopped; what \
      came is checked by size and hash. Prints the folder with the model's files.

      The cache is that of other programs which use the hub: HF_HUB_CACHE, else HF_HOME/hub, else \
      XDG_CACHE_HOME/huggingface/hub, else ~/.cache/huggingface/hub. HF_ENDPOINT names another hub, HF_TOKEN or \
      the token file is sent to it alone, and with HF_HUB_OFFLINE=1 nothing is fetched.
      """)

  @Argument(
    help: ArgumentHelp(
      "Such as google-bert/bert-base-multilingual-uncased; @REVISION chooses a branch, a tag or a commit, which is "
        + "main if left out.",
      valueName: "owner/model"))
  var name: String

  func validate() throws {
    guard ModelName(name) == nil else { return }
    throw ValidationError(
      "'\(name)' names no model of the hub; expected OWNER/MODEL or OWNER/MODEL@REVISION, such as "
        + "google-bert/bert-base-multilingual-uncased.")
  }

  func run() throws {
    // Unreachable: `validate` has seen to it.
    guard let name = ModelName(name) else { return }
    let progress = TerminalProgress()
    defer { progress.clear() }
    let model = try InputPlaces.download(progress).fetch(name)
    progress.clear()
    try StandardOutput.line(model.folder)
  }
}
