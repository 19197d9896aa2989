// Reads a pickle as far as a state dict of tensors needs it; whatever else it asks for is refused by name.

/// The machine of pickle protocol 2 (Python's `pickletools`), without its power: it calls nothing, and knows only the
/// globals of ``PickleGlobal``.
///
/// Every operation takes a byte of the file at least and pushes one value at most, so memory is bounded by the file.
struct PickleReader {
  typealias Problem = CheckpointError.Problem
  private let bytes: [UInt8]
  private var place = 0
  /// Where the operation at hand begins, for errors.
  private var start = 0
  private var stack: [PickleValue] = []
  /// The heights of the stack at which lists of operands begin.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private var containers: [PickleContainer] = []

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  static func read(_ bytes: [UInt8]) throws(Problem) -> Pickle {
    var reader = PickleReader(bytes)
    while try reader.step() {}
    guard reader.stack.count == 1, reader.marks.isEmpty else {
      throw reader.fault(.notTheEnd(left: reader.stack.count))
    }
    return Pickle(value: reader.stack[0], containers: reader.containers)
  }

  /// Runs one operation; false after the last.
  private mutating func step() throws(Problem) -> Bool {
    start = place
    let code = try take(1)
    switch UnicodeScalar(UInt8(code)) {
    case ".": return false
    case "(": marks.append(stack.count)
    case "N": stack.append(.none)
    case "J": stack.append(.integer(Int(Int32(truncatingIfNeeded: try take(4)))))
    case "K": stack.append(.integer(try take(1)))
    case "M": stack.append(.integer(try take(2)))
    case "G": stack.append(.number(try takeDouble()))
    case "X": stack.append(.text(try takeText(try take(4))))
    case "}": push(.dictionary, [])
    case "]": push(.list, [])
    case ")": push(.tuple, [])
    case "t": push(.tuple, try popToMark())
    case "a": try append([try pop()])
    case "e": try append(try popToMark())
    case "s":
      let value = try pop()
      try setItems([try pop(), value])
    case "u": try setItems(try popToMark())
    case "q": memo[try take(1)] = try top()
    case "r": memo[try take(4)] = try top()
    case "h": try recall(try take(1))
    case "j": try recall(try take(4))
    case "c": try pushGlobal()
    case "Q": try pushStorage()
    case "R": try reduce()
    case "b": try build()
    default: try stepOfSecondProtocol(UInt8(code))
    }
    return true
  }

  /// The operations that protocol 2 brought; their codes are no letters.
  private mutating func stepOfSecondProtocol(_ code: UInt8) throws(Problem) {
    switch code {
    case 0x80:
      let number = try take(1)
      guard number == 2 else { throw fault(.unknownProtocol(number)) }
    case 0x85, 0x86, 0x87:
      var items: [PickleValue] = []
      for _ in 0..<Int(code - 0x84) { items.append(try pop()) }
      push(.tuple, items.reversed())
    case 0x88: stack.append(.boolean(true))
    case 0x89: stack.append(.boolean(false))
    case 0x8a: stack.append(.integer(try takeLong(try take(1))))
    default: throw fault(.unknownOpcode(code))
    }
  }

  // MARK: What operations build

  private mutating func push(_ kind: PickleContainer.Kind, _ items: [PickleValue]) {
    stack.append(.container(containers.count))
    containers.append(PickleContainer(kind: kind, items: items))
  }

  /// Adds to the list on the stack.
  private mutating func append(_ items: [PickleValue]) throws(Problem) {
    guard case .container(let index) = try top(), containers[index].kind == .list else {
      throw fault(.wrongOperand(wanted: "a list"))
    }
    containers[index].items += items
  }

  /// Adds keys and values to the dictionary on the stack.
  private mutating func setItems(_ items: [PickleValue]) throws(Problem) {
    guard case .container(let index) = try top(), containers[index].kind == .dictionary, items.count % 2 == 0
    else { throw fault(.wrongOperand(wanted: "a dictionary, and keys with values")) }
    containers[index].items += items
  }

  private mutating func recall(_ index: Int) throws(Problem) {
    guard let value = memo[index] else { throw fault(.noMemo(index)) }
    stack.append(value)
  }

  /// A name in two lines: the module, and what of it.
  private mutating func pushGlobal() throws(Problem) {
    let name = try takeLine() + "." + takeLine()
    guard let global = PickleGlobal(rawValue: name) else { throw fault(.forbidden(name)) }
    stack.append(.global(global))
  }

  /// The persistent ids of torch.save: ('storage', type, key, device, count).
  private mutating func pushStorage() throws(Problem) {
    let items = items(of: try pop(), .tuple)
    guard let items, items.count == 5, items[0] == .text("storage"), case .global(let type) = items[1],
      type.elementType != nil, case .text(let key) = items[2], case .text = items[3],
      case .integer(let count) = items[4], count >= 0
    else { throw fault(.wrongOperand(wanted: "('storage', type, key, device, count)")) }
    stack.append(.storage(StoredTensor.Storage(type: type, key: key, count: count)))
  }

  /// A call: of the two functions there are.
  private mutating func reduce() throws(Problem) {
    let arguments = items(of: try pop(), .tuple)
    let function = try pop()
    switch (function, arguments) {
    case (.global(.orderedDictionary), let arguments?) where arguments.isEmpty: push(.dictionary, [])
    case (.global(.rebuildTensor), let arguments?): stack.append(.tensor(try tensor(arguments)))
    default: throw fault(.wrongOperand(wanted: "a function that is known, and its arguments"))
    }
  }

  /// What `_rebuild_tensor_v2` makes of storage, offset, size, strides; whether gradients are wanted, and hooks, say
  /// nothing to us.
  private func tensor(_ arguments: [PickleValue]) throws(Problem) -> StoredTensor {
    guard arguments.count >= 6, case .storage(let storage) = arguments[0],
      case .integer(let offset) = arguments[1], offset >= 0, let shape = integers(arguments[2]),
      let strides = integers(arguments[3]), shape.count == strides.count, shape.count <= 8
    else { throw fault(.wrongOperand(wanted: "a storage, an offset, a size and strides")) }
    return StoredTensor(storage: storage, offset: offset, shape: shape, strides: strides)
  }

  /// Attributes of a dictionary, such as the versions that PyTorch notes of modules: dropped.
  private mutating func build() throws(Problem) {
    _ = try pop()
    guard case .container(let index) = try top(), containers[index].kind == .dictionary else {
      throw fault(.wrongOperand(wanted: "a dictionary"))
    }
  }

  // MARK: The stack

  private func fault(_ fault: CheckpointError.PickleFault) -> Problem { .pickle(byte: start, fault) }

  /// The last value that lies above the last mark.
  private func top() throws(Problem) -> PickleValue {
    guard stack.count > marks.last ?? 0 else { throw fault(.wrongOperand(wanted: "a value")) }
    return stack[stack.count - 1]
  }

  private mutating func pop() throws(Problem) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func popToMark() throws(Problem) -> [PickleValue] {
    guard let height = marks.popLast() else { throw fault(.wrongOperand(wanted: "a mark")) }
    let items = Array(stack[height...])
    stack.removeSubrange(height...)
    return items
  }

  private func items(of value: PickleValue, _ kind: PickleContainer.Kind) -> [PickleValue]? {
    guard case .container(let index) = value, containers[index].kind == kind else { return nil }
    return containers[index].items
  }

  private func integers(_ value: PickleValue) -> [Int]? {
    guard let items = items(of: value, .tuple) else { return nil }
    let numbers = items.compactMap { if case .integer(let number) = $0 { number } else { nil } }
    return numbers.count == items.count ? numbers : nil
  }

  // MARK: The bytes

  /// A number of `size` bytes, at most 4.
  private mutating func take(_ size: Int) throws(Problem) -> Int {
    guard let number = bytes.number(size, at: place) else { throw fault(.cutOff) }
    place += size
    return number
  }

  private mutating func takeDouble() throws(Problem) -> Double {
    var bits: UInt64 = 0
    for _ in 0..<8 { bits = bits << 8 | UInt64(try take(1)) }
    return Double(bitPattern: bits)
  }

  /// A whole number in two's complement, of any length that fits.
  private mutating func takeLong(_ size: Int) throws(Problem) -> Int {
    guard size <= 8 else { throw fault(.longNumber(bytes: size)) }
    guard size > 0 else { return 0 }
    var bits: UInt64 = 0
    for index in 0..<size { bits |= UInt64(try take(1)) << UInt64(8 * index) }
    let unused = 64 - 8 * size
    return Int(Int64(bitPattern: bits << UInt64(unused)) >> Int64(unused))
  }

  private mutating func takeText(_ size: Int) throws(Problem) -> String {
    guard size <= bytes.count - place else { throw fault(.cutOff) }
    guard let text = String(validating: bytes[place..<place + size], as: UTF8.self) else {
      throw fault(.notUTF8)
    }
    place += size
    return text
  }

  private mutating func takeLine() throws(Problem) -> String {
    guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) else { throw fault(.cutOff) }
    let line = try takeText(end - place)
    place += 1
    return line
  }
}
