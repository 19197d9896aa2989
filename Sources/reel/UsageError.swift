// All that can be wrong with a command line, worded in one place.

import ReelExecution
import ReelPlanning
import ReelStage

/// A command line that cannot be run.
enum UsageError: ExitCoded {
  case unknownCommand(String, known: [String])
  case unknownOption(String, known: [String])
  case missingValue(option: String, value: String)
  /// An option's value or an operand without a letter.
  case emptyWord(String)
  case unexpectedValue(option: String)
  case notAWholeNumber(option: String, range: ClosedRange<Int>, found: String)
  /// A word where only certain ones can stand, of an option or an operand.
  case notOneOf(String, words: [String], found: String)
  /// Two options of which only one can be meant.
  case contradiction(String, String)
  case missingOption(String, value: String)
  case missingOperand(String)
  case unexpectedOperand(String)
  /// No `-f`, and no campaign.yaml in the working folder.
  case noPipeline
  /// A value that one option alone can judge: what was wanted, what was found.
  case wrongValue(option: String, wanted: String, found: String)
  case wrongOperand(String, wanted: String, found: String)
  /// A value that has a language of its own, which says what is wrong.
  case unusableValue(option: String, reason: String)
  case unknownShot(String, of: String, known: [String])
  case unknownCPU(String, known: [String])

  var exitCode: ExitCode { .wrongInput }

  var description: String {
    switch self {
    case .unknownCommand(let word, let known):
      "unknown command '\(word)'" + Self.cure(word, known, otherwise: "'reel --help' lists them")
    case .unknownOption(let word, let known):
      "unknown option '\(word)'" + (word.hasPrefix("--") ? Self.cure(word, known, otherwise: nil) : "")
    case .missingValue(let option, let value): "option '\(option)' wants a value: \(option) \(value)"
    case .emptyWord(let place): "\(place) wants a value, found ''"
    case .unexpectedValue(let option): "option '\(option)' takes no value"
    case .notAWholeNumber(let option, let range, let found):
      range.upperBound == Int.max
        ? "option '\(option)' wants a whole number from \(range.lowerBound), found '\(found)'"
        : "option '\(option)' wants a whole number from \(range.lowerBound) to \(range.upperBound), "
          + "found '\(found)'"
    case .notOneOf(let place, let words, let found):
      "\(place) wants \(words.dropLast().joined(separator: ", ")) or \(words.last ?? ""), "
        + "found '\(found)'" + Self.cure(found, words, otherwise: nil)
    case .contradiction(let one, let other): "options '\(one)' and '\(other)' exclude each other"
    case .missingOption(let option, let value): "wants \(option) \(value)"
    case .missingOperand(let name): "wants a \(name)"
    case .unexpectedOperand(let word): "unexpected '\(word)'"
    case .noPipeline: "no campaign.yaml in this folder; name a pipeline with -f FILE"
    case .wrongValue(let option, let wanted, let found):
      "option '\(option)' wants \(wanted), found '\(found)'"
    case .wrongOperand(let name, let wanted, let found): "\(name) wants \(wanted), found '\(found)'"
    case .unusableValue(let option, let reason): "option '\(option)': \(reason)"
    case .unknownShot(let shot, let node, let known):
      "'\(node)' has no shot or run of frames '\(shot)'; "
        + (known.isEmpty ? "it is made whole: leave '#\(shot)' away" : "it has ")
        + known.prefix(30).map { "'\($0)'" }.joined(separator: ", ")
        + (known.count > 30 ? " and \(known.count - 30) more" : "")
    case .unknownCPU(let name, let known):
      "REEL_CPU: '\(name)' is no level of this machine, which has \(known.joined(separator: ", "))"
    }
  }

  private static func cure(_ word: String, _ known: [String], otherwise: String?) -> String {
    if let near = nearestName(to: word, among: known) { return "; did you mean '\(near)'?" }
    return otherwise.map { "; " + $0 } ?? ""
  }
}
