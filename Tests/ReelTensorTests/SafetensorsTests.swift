// safetensors files: what is written is read back, and no header can do harm.
import Glibc
import ReelTensor
import Testing

struct SafetensorsTests {
  @Test func `what is written is read back`() throws {
    let scratch = try Scratch()
    var writer = SafetensorsWriter(metadata: ["prompt": "a red can"])
    let noise = Philox(seed: 1).normals([3, 5])
    writer["weight"] = noise
    writer["half"] = noise.converted(to: .float16)
    writer["bytes"] = Tensor([3], [0, 1, 255]).converted(to: .uint8)
    writer["empty"] = Tensor([0, 4], [])
    writer["number"] = Tensor([], [4.5]).converted(to: .float64)
    let path = scratch.path("model.safetensors")
    try writer.write(to: path)

    let file = try SafetensorsFile(path: path)
    #expect(file.names == ["bytes", "empty", "half", "number", "weight"])
    #expect(file.metadata == ["prompt": "a red can"])
    #expect(try file.tensor(named: "weight").elements == noise.elements)
    #expect(try file.tensor(named: "half").elementType == .float16)
    #expect(try file.tensor(named: "half").elements == noise.converted(to: .float16).elements)
    #expect(try file.tensor(named: "bytes").elements == [0, 1, 255])
    #expect(try file.tensor(named: "empty").shape == [0, 4])
    #expect(try file.tensor(named: "number").scalar == 4.5)
    #expect(throws: SafetensorsError(path: path, problem: .missing(tensor: "wieght"))) {
      try file.tensor(named: "wieght")
    }
  }

  @Test func `data that is not aligned is read all the same`() throws {
    let scratch = try Scratch()
    let header = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    #expect(header.utf8.count % 4 != 0)
    let path = try scratch.file(safetensors(header, data: [0, 0, 0x80, 0x3F]))
    #expect(try SafetensorsFile(path: path).tensor(named: "a").elements == [1])
  }

  @Test func `writing to a tensor of a file leaves the file alone`() throws {
    let scratch = try Scratch()
    var writer = SafetensorsWriter()
    writer["a"] = Tensor([2], [1, 2])
    let path = scratch.path("a.safetensors")
    try writer.write(to: path)
    let file = try SafetensorsFile(path: path)
    var tensor = try file.tensor(named: "a")
    tensor.withMutableFloats { $0[0] = 9 }
    #expect(tensor.elements == [9, 2])
    #expect(try file.tensor(named: "a").elements == [1, 2])
  }

  @Test(arguments: [
    ("no 'dtype'", #"{"a":{"shape":[1],"data_offsets":[0,4]}}"#),
    (
      "unknown type 'F3'; known are BF16, BOOL, F16, F32, F64, I32, I64, U8",
      #"{"a":{"dtype":"F3","shape":[1],"data_offsets":[0,4]}}"#
    ),
    (
      "'shape' is not a list of at most 32 whole numbers",
      #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#
    ),
    (
      "'shape' is not a list of at most 32 whole numbers",
      #"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#
    ),
    (
      "'data_offsets' is not a list of two whole numbers",
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#
    ),
    (
      "the shape has more elements than memory can hold",
      #"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}"#
    ),
    (
      "the shape has more elements than memory can hold",
      #"{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,4]}}"#
    ),
    (
      "bytes 0 to 12 lie outside the file's 8 bytes of data",
      #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#
    ),
    (
      "bytes 8 to 4 lie outside the file's 8 bytes of data",
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}"#
    ),
    (
      "F32 [2] needs 8 bytes, and has 4",
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#
    ),
    (
      "overlaps tensor '_'",
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[2,6]},"_":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    ),
  ])
  func `an entry that cannot be is an error that names the tensor`(reason: String, header: String) throws {
    let scratch = try Scratch()
    let path = try scratch.file(safetensors(header, data: [UInt8](repeating: 0, count: 8)))
    let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: path) }
    #expect(error?.description == "\(path): tensor 'a': \(reason)")
  }

  @Test func `a file that is none is an error that says so`() throws {
    let scratch = try Scratch()
    func reason(_ bytes: [UInt8]) throws -> String? {
      let path = try scratch.file(bytes)
      let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: path) }
      return error.map { String($0.description.dropFirst(path.count + 2)) }
    }
    let short = "is truncated: a safetensors file starts with 8 bytes of header length, and this one has "
    #expect(try reason([]) == short + "0")
    #expect(try reason([1, 2, 3]) == short + "3")
    #expect(
      try reason([UInt8](repeating: 255, count: 12))
        == "the header is said to have 18446744073709551615 bytes, and 4 can be: the file is damaged or incomplete"
    )
    #expect(try reason(safetensors("[]", data: [])) == "the header is damaged: a list instead of an object")
    #expect(try reason(safetensors("{", data: []))?.hasPrefix("the header is damaged: ") == true)
    #expect(
      try reason(safetensors(#"{"__metadata__":{"a":1}}"#, data: []))
        == "the header is damaged: metadata 'a' is a number, not text")
    let missing = scratch.path("none")
    let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: missing) }
    #expect(error?.description == "\(missing): cannot be read: no such file or directory")
    let folder = #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: scratch.folder) }
    #expect(folder?.description == "\(scratch.folder): cannot be read: invalid argument")
  }

  /// Every change of one byte, every shorter file, and many random ones: an error or a file, never a crash.
  @Test func `damage is never more than an error`() throws {
    let scratch = try Scratch()
    var writer = SafetensorsWriter(metadata: ["a": "b"])
    writer["x"] = Tensor([2, 2], [1, 2, 3, 4])
    writer["y"] = Tensor([3], [1, 2, 3]).converted(to: .bfloat16)
    try writer.write(to: scratch.path("whole"))
    let whole = try scratch.bytes("whole")
    var accepted = 0
    func read(_ bytes: [UInt8]) throws {
      guard let file = try? SafetensorsFile(path: scratch.file(bytes)) else { return }
      accepted += 1
      for name in file.names { #expect(try file.tensor(named: name).elements.count <= 8) }
    }
    for count in 0..<whole.count { try read(Array(whole[..<count])) }
    #expect(accepted == 0)
    let random = Philox(seed: 99)
    for trial in 0..<2000 {
      var bytes = whole
      let words = random.block(UInt64(trial))
      for change in 0...(trial % 3) {
        bytes[Int(words[change]) % whole.count] = UInt8(truncatingIfNeeded: words[3] >> (8 * UInt32(change)))
      }
      try read(bytes)
    }
    #expect(accepted > 0)
  }

  private func safetensors(_ header: String, data: [UInt8]) -> [UInt8] {
    let length = UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8) + data
  }
}
