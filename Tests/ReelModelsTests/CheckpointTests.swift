// Files that PyTorch saved, or that say so: what is refused, and how it is told.

import ReelModels
import Testing

@Suite struct CheckpointTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func refusal(_ bytes: [UInt8]) throws -> String {
    let path = try scratch.write("tiny.pth", bytes)
    do {
      let network = try SuperResolution(path: path)
      return "no error: ×\(network.scale)"
    } catch { return error.description.replacing(path, with: "…") }
  }

  private func refusal(pickle: [UInt8], storages: [String: [UInt8]] = [:]) throws -> String {
    try refusal(HandmadeArchive(pickle: pickle, storages: storages).bytes)
  }

  private func bytes(_ name: String) throws -> [UInt8] {
    try Fixtures.bytes("\(SuperResolutionTests.fixtures)/\(name).pth")
  }

  /// A network of one feature whose tensors lie as `strides` say, in storages of `count` zeros.
  private func network(
    _ change: (inout [(String, [UInt8])]) -> Void = { _ in }
  ) -> HandmadeArchive {
    let zeros = [UInt8](repeating: 0, count: 108 * 4)
    func tensor(_ shape: [Int], _ strides: [Int]) -> [UInt8] {
      PickleText.tensor(storage: PickleText.storage("0", count: 108), shape: shape, strides: strides)
    }
    var items = [
      ("body.0.weight", tensor([1, 3, 3, 3], [27, 9, 3, 1])), ("body.0.bias", tensor([1], [1])),
      ("body.1.weight", tensor([1], [1])), ("body.2.weight", tensor([12, 1, 3, 3], [9, 9, 3, 1])),
      ("body.2.bias", tensor([12], [1])),
    ]
    change(&items)
    return HandmadeArchive(pickle: PickleText.pickle(items), storages: ["0": zeros])
  }

  @Test("what nothing is wrong with is read, in 32 and in 64 bits") func whole() throws {
    var archive = network()
    #expect(try refusal(archive.bytes) == "no error: ×2")
    archive.isZip64 = true
    #expect(try refusal(archive.bytes) == "no error: ×2")
  }

  @Test("a global that no state dict needs is refused by name, before anything is made of it")
  func globals() throws {
    func refused(_ name: String, byte: Int) -> String {
      "…: data.pkl, byte \(byte): '\(name)' is refused: only tensors and plain values are read; save model.state_dict() instead of the model"
    }
    let command = PickleText.global("os", "system") + PickleText.tuple([PickleText.text("true")])
    #expect(
      try refusal(pickle: PickleText.start + command + PickleText.reduce) == refused("os.system", byte: 2))
    #expect(
      try refusal(pickle: PickleText.start + PickleText.global("torch", "LongStorage"))
        == refused("torch.LongStorage", byte: 2))
    #expect(try refusal(bytes("whole")) == refused("__main__.SRVGGNetCompact", byte: 2))
  }

  @Test("a file from before the archives, or of another kind, is told apart") func kinds() throws {
    #expect(
      try refusal(bytes("legacy"))
        == "…: was saved by a PyTorch before 1.6; load it with torch.load and save it again with torch.save")
    for bytes in [[], [1, 2, 3], [UInt8](repeating: 0, count: 100_000)] {
      #expect(try refusal(bytes) == "…: is no zip archive, as torch.save writes, or is cut off")
    }
    #expect(
      try refusal(HandmadeArchive([("a/version", [51])]).bytes)
        == "…: wanted one entry 'data.pkl', found none")
    #expect(
      try refusal(HandmadeArchive([("a/data.pkl", []), ("b/data.pkl", [])]).bytes)
        == "…: wanted one entry 'data.pkl', found 2")
    #expect(
      try refusal(HandmadeArchive([("a/data.pkl", []), ("a/byteorder", Array("big".utf8))]).bytes)
        == "…: entry 'a/byteorder': wanted 'little', found 'big'")
  }

  @Test("an archive that contradicts itself is refused") func archives() throws {
    func refusal(_ change: (inout HandmadeArchive) -> Void) throws -> String {
      var archive = network()
      change(&archive)
      return try self.refusal(archive.bytes)
    }
    #expect(
      try refusal { $0.entries[2].method = 8 }
        == "…: entry 'tiny/data/0': is compressed by method 8, wanted a stored one, as torch.save writes")
    #expect(try refusal { $0.entries[2].flags = 1 } == "…: entry 'tiny/data/0': is encrypted")
    #expect(
      try refusal { $0.entries[2].statedOffset = 0 }
        == "…: entry 'tiny/data/0': is not where the directory says")
    #expect(
      try refusal { $0.entries[2].statedOffset = 0x7FFF_FFFF }
        == "…: entry 'tiny/data/0': is not where the directory says")
    let length = network().entries[0].contents.count
    #expect(
      try refusal { $0.entries[0].statedLength = length + 1 }
        == "…: entry 'tiny/byteorder': overlaps entry 'tiny/data.pkl'")
    #expect(
      try refusal { $0.entries[0].statedLength = length - 1 }
        == "…: entry 'tiny/data.pkl': its checksum differs; the file is damaged")
    #expect(
      try refusal { archive in
        archive.isZip64 = true
        archive.entries[0].statedLength = .max
      }.hasPrefix("…: entry 'tiny/data.pkl': bytes 46 to 9223372036854775807 lie outside the "))
    #expect(
      try refusal { $0.entries.append($0.entries[2]) } == "…: wanted one entry 'tiny/data/0', found 2")
  }

  @Test("a tensor lies within its storage, and a storage is what its entry holds") func tensors() throws {
    func refusal(
      offset: Int = 0, shape: [Int] = [1], strides: [Int] = [1], key: String = "0", count: Int = 108,
      type: String = "FloatStorage"
    ) throws -> String {
      try self.refusal(
        network { items in
          let storage = PickleText.storage(key, count: count, type: type)
          items[1].1 = PickleText.tensor(storage: storage, offset: offset, shape: shape, strides: strides)
        }.bytes)
    }
    #expect(try refusal(offset: 107) == "no error: ×2")
    #expect(
      try refusal(offset: 108) == "…: tensor 'body.0.bias': reaches to element 108 of a storage of 108")
    #expect(
      try refusal(offset: .max)
        == "…: tensor 'body.0.bias': reaches to element 9223372036854775807 of a storage of 108"
    )
    #expect(
      try refusal(strides: [-1]) == "…: tensor 'body.0.bias': the shape [1] with the strides [-1] cannot be")
    #expect(
      try refusal(count: 107) == "…: tensor 'body.0.bias': storage '0' needs 428 bytes, and has 432")
    #expect(
      try refusal(type: "HalfStorage") == "…: tensor 'body.0.bias': storage '0' needs 216 bytes, and has 432")
    #expect(
      try refusal(count: 1 << 62)
        == "…: tensor 'body.0.bias': the shape [1] with the strides [1] cannot be")
    #expect(try refusal(key: "7") == "…: wanted one entry 'tiny/data/7', found none")
    #expect(
      try refusal(key: "../byteorder") == "…: wanted one entry 'tiny/data/../byteorder', found none")
    #expect(
      try refusal(shape: [2]) == "…: tensor 'body.0.bias' must have the shape [1], found [2]")
    // A shape of more elements than there is memory is never made.
    let wide = network { items in
      items[0].1 = PickleText.tensor(
        storage: PickleText.storage("0", count: 108), shape: [1024, 3, 3, 3], strides: [0, 0, 0, 0])
      items.removeLast(2)
    }
    #expect(
      try self.refusal(wide.bytes) == "…: tensor 'body.2.weight' is missing")
  }

  @Test("a pickle that is none is told with the byte") func pickles() throws {
    let start = PickleText.start
    for (pickle, message) in [
      ([], "0: the pickle ends early"), (start, "2: the pickle ends early"),
      ([0x80, 4], "0: pickle protocol 4, wanted 2"),
      (start + [0x93], "2: opcode 147 has no place in a state dict of tensors"),
      (start + Array("R".utf8), "2: wanted a value on the stack"),
      (start + Array("u".utf8), "2: wanted a mark on the stack"),
      (start + Array("h\u{5}".utf8), "2: the memo has nothing at 5"),
      (start + Array("Na.".utf8), "3: wanted a value on the stack"),
      (start + Array("NNa.".utf8), "4: wanted a list on the stack"),
      (start + Array("NN.".utf8), "4: 2 values are left on the stack, wanted one"),
      (start + Array("(.".utf8), "3: 0 values are left on the stack, wanted one"),
      (start + [0x8a, 200], "2: a whole number of 200 bytes, wanted at most 8"),
      (start + Array("X".utf8) + [255, 255, 255, 255, 65], "2: the pickle ends early"),
      (start + Array("X".utf8) + [1, 0, 0, 0, 255], "2: text that is not UTF-8"),
      (start + Array("cos\nsystem".utf8), "2: the pickle ends early"),
      (start + Array(")Q".utf8), "3: wanted ('storage', type, key, device, count) on the stack"),
      (
        start + PickleText.global("torch._utils", "_rebuild_tensor_v2") + Array(")R".utf8),
        "36: wanted a storage, an offset, a size and strides on the stack"
      ),
      (start + Array("N)R".utf8), "4: wanted a function that is known, and its arguments on the stack"),
      (start + Array("NNNs".utf8), "5: wanted a dictionary, and keys with values on the stack"),
    ] {
      #expect(try refusal(pickle: pickle) == "…: data.pkl, byte " + message)
    }
    // No dictionary: no tensors.
    #expect(try refusal(pickle: start + Array("N.".utf8)) == "…: tensor 'body.0.weight' is missing")
  }

  @Test("deep nesting, cycles and multitudes end with an error in no time") func extremes() throws {
    // A million tuples, each in the next.
    let nested =
      PickleText.start + Array(")".utf8) + [UInt8](repeating: 0x85, count: 1_000_000) + PickleText.stop
    #expect(try refusal(pickle: nested) == "…: tensor 'body.0.weight' is missing")
    // A dictionary that holds itself under many names.
    var cycle = PickleText.start + Array("}q\u{0}".utf8)
    for name in 0..<1000 { cycle += PickleText.text("\(name)") + Array("h\u{0}s".utf8) }
    #expect(
      try refusal(pickle: cycle + PickleText.stop)
        == "…: holds more than 100000 values; wanted a state dict of tensors")
    let large = PickleText.start + [UInt8](repeating: UInt8(ascii: "N"), count: 1 << 22)
    #expect(
      try refusal(pickle: large) == "…: entry 'tiny/data.pkl': 4194306 bytes, wanted at most 4194304")
  }

  @Test("a damaged pickle in a whole archive is an error or another state dict") func damagedPickles() throws
  {
    let archive = network()
    for position in archive.entries[0].contents.indices {
      for change in [0x01, 0x20, 0x80, 0xFF] as [UInt8] {
        var damaged = archive
        damaged.entries[0].contents[position] ^= change
        let message = try refusal(damaged.bytes)
        #expect(message.hasPrefix("…: ") || message == "no error: ×2", "\(position): \(message)")
      }
      var short = archive
      short.entries[0].contents.removeSubrange(position...)
      #expect(try refusal(short.bytes).hasPrefix("…: data.pkl, byte "), "\(position)")
    }
  }

  @Test("damage anywhere is an error or changes nothing") func damage() throws {
    let whole = try bytes("bfloat16")
    #expect(try refusal(whole) == "no error: ×3")
    for length in 0..<whole.count {
      let message = try refusal(Array(whole[..<length]))
      #expect(message.hasPrefix("…: ") && !message.contains("no error"), "\(length): \(message)")
    }
    for position in whole.indices {
      var damaged = whole
      damaged[position] ^= 0x55
      let message = try refusal(damaged)
      #expect(message.hasPrefix("…: ") || message == "no error: ×3", "\(position): \(message)")
    }
  }
}
