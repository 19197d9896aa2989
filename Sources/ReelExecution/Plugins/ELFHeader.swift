// The head of an ELF file, read to keep a damaged or foreign file away from dlopen, which a truncated one
// kills.
//
// Layout: System V ABI, "Object Files"; the numbers are those of elf.h.

import Glibc

/// What a plugin's file says of itself before it is loaded.
struct ELFHeader {
  /// Checks the file at `path`: an ELF shared library for this machine, all of whose parts are there.
  static func check(_ path: String) throws(PluginError) {
    func refuse(_ reason: PluginError.Reason) -> PluginError { PluginError(path: path, reason: reason) }
    // Looked at before it is opened: to open a device may do something.
    if let kind = try? FileIdentity(path: path).kind, kind != .file { throw refuse(.notAFile(found: kind)) }
    let file: Reader
    do throws(FileError) { file = try Reader(path) } catch {
      throw refuse(.unreadable(FileError.reason(error.code)))
    }
    if file.size == 0 { throw refuse(.empty) }
    let head = file.bytes(at: 0, count: 64)
    guard head.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else {
      throw refuse(
        head.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 9 || $0 == 10 || $0 == 13 } ? .text : .notELF)
    }
    guard head.count == 64 else { throw refuse(.truncated(wanted: 64, found: file.size)) }
    guard head[4] == 2 else { throw refuse(.wrongWidth) }
    guard head[5] == 1 else { throw refuse(.wrongByteOrder) }
    let machine = head.number(at: 18, bytes: 2)
    guard machine == hostMachine else {
      throw refuse(.wrongMachine(found: name(ofMachine: machine), wanted: name(ofMachine: hostMachine)))
    }
    switch head.number(at: 16, bytes: 2) {
    case 3: break
    case 1: throw refuse(.notALibrary(found: "an object file"))
    case 2: throw refuse(.notALibrary(found: "an executable"))
    case 4: throw refuse(.notALibrary(found: "a core dump"))
    default: throw refuse(.notELF)
    }
    let end = try furthestByte(head, file, refuse)
    guard end <= file.size else { throw refuse(.truncated(wanted: end, found: file.size)) }
  }

  /// Where the last of the parts that the headers speak of ends.
  private static func furthestByte(
    _ head: [UInt8], _ file: borrowing Reader, _ refuse: (PluginError.Reason) -> PluginError
  ) throws(PluginError) -> UInt64 {
    let programs = (offset: head.number(at: 32, bytes: 8), size: head.number(at: 54, bytes: 2))
    let programCount = head.number(at: 56, bytes: 2)
    let sections = (offset: head.number(at: 40, bytes: 8), size: head.number(at: 58, bytes: 2))
    guard programs.size >= 56, programCount > 0 else { throw refuse(.notELF) }
    let programsEnd = end(programs.offset, programs.size * programCount)
    // A table that does not fit is not read.
    guard programsEnd <= file.size else { throw refuse(.truncated(wanted: programsEnd, found: file.size)) }
    var furthest = max(programsEnd, end(sections.offset, sections.size * head.number(at: 60, bytes: 2)))
    for index in 0..<programCount {
      let program = file.bytes(at: programs.offset + index * programs.size, count: 56)
      guard program.count == 56 else { throw refuse(.truncated(wanted: programsEnd, found: file.size)) }
      furthest = max(furthest, end(program.number(at: 8, bytes: 8), program.number(at: 32, bytes: 8)))
    }
    return furthest
  }

  /// `offset + size`, as far as 64 bits go.
  private static func end(_ offset: UInt64, _ size: UInt64) -> UInt64 {
    let (sum, overflow) = offset.addingReportingOverflow(size)
    return overflow ? .max : sum
  }

  private static var hostMachine: UInt64 {
    #if arch(x86_64)
      62
    #elseif arch(arm64)
      183
    #endif
  }

  private static func name(ofMachine machine: UInt64) -> String {
    switch machine {
    case 3: "i386"
    case 40: "arm"
    case 62: "x86-64"
    case 183: "arm64"
    case 243: "riscv"
    default: "number \(machine)"
    }
  }

  /// Pieces of a file, each shorter where the file ends first.
  private struct Reader: ~Copyable {
    let file: FileSystem.Descriptor
    let size: UInt64

    init(_ path: String) throws(FileError) {
      let file = try FileSystem.Descriptor(reading: path)
      size = UInt64(try FileIdentity(descriptor: file.number, path: path).size)
      self.file = file
    }

    func bytes(at offset: UInt64, count: Int) -> [UInt8] {
      guard let offset = off_t(exactly: offset) else { return [] }
      return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        filled = max(0, pread(file.number, buffer.baseAddress, count, offset))
      }
    }
  }
}

extension [UInt8] {
  /// A little-endian number.
  fileprivate func number(at offset: Int, bytes: Int) -> UInt64 {
    self[offset..<offset + bytes].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
