// A parsed command line: the options and operands that a command declared.

import ReelPlanning

/// What the user gave a command.
struct Arguments {
  /// By long name, the values in the order given; an option without a value stands here with an empty text.
  private var given: [String: [String]] = [:]
  private(set) var operands: [String] = []

  /// Whether the option was given.
  func has(_ long: String) -> Bool { given[long] != nil }

  /// The last value given for the option.
  func value(_ long: String) -> String? { given[long]?.last }

  /// Every value given for the option.
  func values(_ long: String) -> [String] { given[long] ?? [] }

  /// The option's value as a whole number.
  func integer(_ long: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = value(long) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw .notAWholeNumber(option: "--" + long, range: range, found: text)
    }
    return number
  }

  /// The option's value as one of the words of a type.
  func word<Word: RawRepresentable<String> & CaseIterable>(
    _ long: String, among: Word.Type
  ) throws(UsageError) -> Word? {
    guard let text = value(long) else { return nil }
    guard let word = Word(rawValue: text) else {
      throw .notOneOf("option '--\(long)'", words: Word.allCases.map(\.rawValue), found: text)
    }
    return word
  }

  /// The option's value as an amount of memory or disk.
  func size(_ long: String) throws(UsageError) -> ByteCount? {
    guard let text = value(long) else { return nil }
    guard let size = ByteCount(text) else {
      throw .wrongValue(option: "--" + long, wanted: ByteCount.wanted, found: text)
    }
    return size
  }

  /// The option's value as an age, in seconds.
  func age(_ long: String) throws(UsageError) -> Int? {
    guard let text = value(long) else { return nil }
    guard let age = Age.seconds(text) else {
      throw .wrongValue(option: "--" + long, wanted: Age.wanted, found: text)
    }
    return age
  }

  /// Reads `words` as `command` declares them. Options and operands may be mixed; after `--` all are
  /// operands; short options may be joined (`-kn`, `-j4`).
  init(_ words: some Sequence<String>, for command: any Command.Type) throws(UsageError) {
    let options = command.options + [.help]
    var rest = Array(words)[...]
    while let word = rest.popFirst() {
      if word == "--" {
        operands += rest
        rest = []
      } else if word.hasPrefix("--") {
        try readLong(word, options, &rest)
      } else if word.hasPrefix("-"), word != "-" {
        try readShort(word, options, &rest)
      } else {
        operands.append(word)
      }
    }
    if has("help") { return }
    let wanted = command.operands
    if operands.count < wanted.count.lowerBound { throw .missingOperand(wanted.name) }
    if operands.count > wanted.count.upperBound {
      throw .unexpectedOperand(operands[wanted.count.upperBound])
    }
    for operand in operands { try Self.check(operand, wanted.values, of: wanted.name) }
  }

  private static func check(_ text: String, _ values: Values, of place: String) throws(UsageError) {
    // Nobody names a file or a node with nothing: a shell's variable was empty.
    if text.isEmpty, values != .anything { throw .emptyWord(place) }
    guard case .words(let words) = values, !words.contains(text) else { return }
    throw .notOneOf(place, words: words, found: text)
  }

  private mutating func readLong(
    _ word: String, _ options: [Option], _ rest: inout ArraySlice<String>
  ) throws(UsageError) {
    let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let option = options.first(where: { $0.long == name }) else {
      throw .unknownOption("--" + name, known: options.map { "--" + $0.long })
    }
    let attached = parts.count == 2 ? String(parts[1]) : nil
    if let value = option.value {
      guard let text = attached ?? rest.popFirst() else {
        throw .missingValue(option: "--" + name, value: value)
      }
      try Self.check(text, option.values, of: "option '--\(option.long)'")
      given[name, default: []].append(text)
    } else {
      if attached != nil { throw .unexpectedValue(option: "--" + name) }
      given[name, default: []].append("")
    }
  }

  private mutating func readShort(
    _ word: String, _ options: [Option], _ rest: inout ArraySlice<String>
  ) throws(UsageError) {
    var letters = word.dropFirst()
    while let letter = letters.popFirst() {
      guard let option = options.first(where: { $0.short == letter }) else {
        throw .unknownOption("-\(letter)", known: options.compactMap { $0.short.map { "-\($0)" } })
      }
      guard let value = option.value else {
        given[option.long, default: []].append("")
        continue
      }
      guard let text = letters.isEmpty ? rest.popFirst() : String(letters) else {
        throw .missingValue(option: "-\(letter)", value: value)
      }
      try Self.check(text, option.values, of: "option '--\(option.long)'")
      given[option.long, default: []].append(text)
      letters = ""
    }
  }
}
