// Loads one plugin and runs actions for the host.

@main
struct Worker {
  static func main() {}
}
