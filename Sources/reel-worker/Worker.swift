// Loads one plugin and runs actions for the host, which starts it and talks to it over descriptor 3.

import Glibc
import ReelExecution

@main
struct Worker {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, WorkerService.hasHost else {
      let text = "reel-worker: is started by 'reel', one for each plugin in use; it does nothing by itself\n"
      _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
      exit(ExitCode.wrongInput.status)
    }
    WorkerService.serve(plugin: arguments[1], stage: arguments[2])
  }
}
