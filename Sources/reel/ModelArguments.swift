// What the commands that run a model have in common: its options, and how they say that it cannot be used.

import ReelExecution
import ReelTensor

extension Option {
  static let threads = Option(
    "threads", value: "N", help: "how many threads to use; without it, as many as there are processors")
  static let precision = Option(
    "precision", value: "WORD",
    help: "fp32, bf16 or int8: what the transformer's products are rounded to; without it fp32")
}

extension Arguments {
  func threads() throws(UsageError) -> Int { try integer("threads", in: 1...1024) ?? Threads.available }

  func precision() throws(UsageError) -> Precision {
    try word("precision", among: Precision.self) ?? .float32
  }
}

/// A model, or what it was to be run with, that cannot be read, written or used: nothing was done.
struct UnusableModel: ExitCoded {
  let description: String
  var exitCode: ExitCode { .wrongInput }
}
