// PyTorch as a peer: a Python program beside this one, which does a piece of work whenever it is asked to.
import Foundation

/// The program `pytorch_peer.py`, as long as the benchmark runs.
final class PyTorch {
  nonisolated(unsafe) static let shared = PyTorch()

  private(set) var version = ""
  private let requests: FileHandle
  private let replies: FileHandle
  private var rest = Data()
  private var current = ""

  /// `nil` where `script/bench` was not asked for peers.
  private init?() {
    let environment = ProcessInfo.processInfo.environment
    guard let python = environment["REEL_BENCHMARK_PYTHON"],
      let script = environment["REEL_BENCHMARK_PYTORCH"]
    else { return nil }
    let (process, input, output) = (Process(), Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [script]
    process.standardInput = input
    process.standardOutput = output
    guard (try? process.run()) != nil else { return nil }
    (requests, replies) = (input.fileHandleForWriting, output.fileHandleForReading)
    guard let found = reply() else { return nil }
    version = found
  }

  /// Work that the program knows by the name of the kernel and its sizes.
  func peer(_ kernel: String, _ words: [String], _ sizes: [Int], threads: Int) -> Peer {
    let work =
      ([kernel.replacingOccurrences(of: " ", with: "-")] + words + (sizes + [threads]).map(String.init))
      .joined(separator: " ")
    return Peer(
      name: "PyTorch",
      seconds: { [self] count in
        if current != work {
          _ = ask("prepare " + work)
          current = work
        }
        return (ask("run \(count)") ?? "").split(separator: " ").map { Double($0) ?? .nan }
      })
  }

  private func ask(_ line: String) -> String? {
    requests.write(Data((line + "\n").utf8))
    return reply()
  }

  private func reply() -> String? {
    while true {
      if let end = rest.firstIndex(of: 10) {
        let line = String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
        rest = rest[rest.index(after: end)...]
        return line
      }
      let more = replies.availableData
      if more.isEmpty { return nil }
      rest += more
    }
  }
}
