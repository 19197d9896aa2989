// Derived files: made once, read by everyone, noticed when damaged, and done without where they cannot be.

import Glibc
import ReelTensor
import Synchronization
import Testing

@Suite struct DerivedFilesTests {
  private let scratch: Scratch
  private let files: DerivedFiles

  init() throws {
    scratch = try Scratch()
    files = DerivedFiles(folder: scratch.path("derived"))
  }

  private static let numbers = Tensor([3, 4], (0..<12).map { Float($0) / 7 })

  /// The rows for a key, and whether they had to be made.
  private func rows(_ key: String, in files: DerivedFiles? = nil) -> (rows: [Float], isMade: Bool) {
    var isMade = false
    let rows = (files ?? self.files).rows(for: [key], width: 4) { missing in
      isMade = true
      return missing.map { _ in Self.numbers }
    }
    return (rows[0].elements, isMade)
  }

  /// Every file, as a path below the scratch folder.
  private var names: [String] {
    scratch.names(in: "derived").flatMap { prefix in
      scratch.names(in: "derived/\(prefix)").map { "derived/\(prefix)/\($0)" }
    }
  }

  private var areSound: Bool { names.allSatisfy { DerivedFile.isSound(scratch.path($0)) } }

  @Test("rows are made once, and then read") func once() {
    #expect(rows("a").isMade)
    let again = rows("a")
    #expect(!again.isMade && again.rows == Self.numbers.elements)
    #expect(rows("b").isMade)
    #expect(names.count == 2 && areSound)
  }

  @Test("of several keys only those are made that are not there, all at once") func several() {
    _ = rows("b")
    var asked: [[Int]] = []
    let rows = files.rows(for: ["a", "b", "c"], width: 4) { missing in
      asked.append(missing)
      return missing.map { Tensor([1, 4], repeating: Float($0)) }
    }
    #expect(asked == [[0, 2]])
    #expect(rows.map { $0.elements[0] } == [0, 0, 2] && rows[1].shape == [3, 4])
  }

  @Test("a flipped bit anywhere in a file has it made again") func damaged() throws {
    _ = rows("a")
    let name = try #require(names.first)
    let whole = try scratch.bytes(name)
    for place in stride(from: 0, to: whole.count - 64, by: 3) {
      var bytes = whole
      bytes[place] ^= 1 << UInt8(place % 8)
      try scratch.file(bytes, name)
      // The bytes between the key and the payload say nothing.
      guard !areSound else {
        #expect(rows("a").rows == Self.numbers.elements)
        continue
      }
      let found = rows("a")
      #expect(found.isMade && found.rows == Self.numbers.elements, "byte \(place)")
      #expect(try scratch.bytes(name) == whole, "byte \(place)")
    }
    try scratch.file(Array(whole.dropLast(70)), name)
    #expect(!areSound && rows("a").isMade)
  }

  @Test("where the folder cannot be written, rows are made each time") func unwritable() throws {
    try scratch.file([1], "file")
    #expect(files.isWritable && !DerivedFiles(folder: scratch.path("file")).isWritable)
    let files = DerivedFiles(folder: scratch.path("file") + "/derived")
    #expect(!files.isWritable)
    for _ in 0..<2 {
      let made = rows("a", in: files)
      #expect(made.isMade && made.rows == Self.numbers.elements)
    }
  }

  /// How often something was made.
  private final class Makes: Sendable {
    let count = Atomic(0)
  }

  @Test("those who ask at the same time wait for the first one") func together() async {
    let makes = Makes()
    let files = files
    await withTaskGroup(of: [Float].self) { group in
      for _ in 0..<6 {
        group.addTask {
          files.rows(for: ["a"], width: 4) { missing in
            makes.count.wrappingAdd(1, ordering: .relaxed)
            usleep(20_000)
            return missing.map { _ in Self.numbers }
          }[0].elements
        }
      }
      for await rows in group { #expect(rows == Self.numbers.elements) }
    }
    #expect(makes.count.load(ordering: .relaxed) == 1)
    #expect(names.count == 1)
  }

  @Test(
    "a layer whose weight is mapped computes the same bits as one in memory", arguments: Precision.allCases,
    [ElementType.float32, .bfloat16, .float16])
  func layers(precision: Precision, type: ElementType) {
    for (outputs, inputs) in [(48, 64), (37, 51), (7, 300)] {
      let weight = Philox(seed: 3).normals([outputs, inputs]).converted(to: type)
      let x = Philox(seed: 4).normals([9, inputs])
      let place = DerivedPlace(files: files, key: "\(outputs)")
      let inMemory = Linear(weight: weight, precision: precision)(x).elements
      // The first one writes the file, the second one maps it.
      for _ in 0..<2 {
        let layer = Linear(weight: weight, precision: precision, keptAt: place)
        #expect(layer(x).elements == inMemory)
      }
    }
    #expect(names.count == 3 && areSound)
  }
}
