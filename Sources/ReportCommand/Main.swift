@main
struct ReportTool {
  static func main() {}
}
