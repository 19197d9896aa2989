// The command line.

@main
struct Reel {
  static func main() {}
}
