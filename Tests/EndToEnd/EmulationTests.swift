// The program on processors that this machine is not: an emulator stands in for them, and ends what it does not know.

import Glibc
import Testing

private let emulator = "/usr/bin/qemu-x86_64"

@Suite(.enabled(if: access(emulator, X_OK) == 0, "needs Debian's qemu-user"))
struct EmulationTests {
  private static let parity = Built.project + "/Tests/Fixtures/parity/t2v-euler"
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  /// Runs `reel` on a processor without more instructions than its name stands for.
  private func reel(on processor: String, _ arguments: String...) throws -> Finished {
    try Running(
      emulator, ["-cpu", processor, Built.reel] + arguments, in: workspace.path
    ).wait()
  }

  @Test("a model runs at the level of the processor", arguments: ["Westmere", "Haswell"])
  func models(processor: String) throws {
    let run = try reel(
      on: processor, "models", "verify", Self.parity + "/model", "--case", Self.parity + "/case.safetensors")
    #expect(run.status == 0, "\(run)")
    #expect(run.output.contains("all within their tolerance"))
  }

  @Test(
    "the doctor finds the level, and tries stages, fonts and the encoder at it",
    arguments: [("Westmere", "baseline"), ("Haswell", "v3")])
  func doctor(processor: String, level: String) throws {
    let run = try reel(on: processor, "doctor")
    #expect(run.output.contains("instructions up to \(level)\n"), "\(run)")
    #expect(run.output.contains("encoder: H.264 by libx264 works"))
  }
}
