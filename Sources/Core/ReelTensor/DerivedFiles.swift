// What is made of files alone and wanted again and again, kept in files: packed weights, vectors of prompts.
import Glibc

/// A folder of derived files, shared by all processes. Each is found by a text that says what it was made of and how.
///
/// A file is made once, by whoever comes first; others wait for it. Where it cannot be written, what would stand there
/// is made in memory, each time.
public struct DerivedFiles: Hashable, Sendable {
  public let folder: String

  public init(folder: String) { self.folder = folder }

  /// Whether files can be made here, as far as that can be told without making one.
  public var isWritable: Bool {
    // The folder is made with the first file. One that is no folder has no '.'.
    let parent = folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)]
    let place = access(folder, F_OK) == 0 ? folder : String(parent)
    return access(place + "/.", W_OK) == 0
  }

  /// So many bytes: those of the file for `key`, or in memory where there can be none.
  ///
  /// - Parameter make: writes all of the bytes. Called only where there is no file.
  func storage(for key: String, byteCount: Int, make: (UnsafeMutableRawPointer) -> Void) -> Storage {
    let path = self.path(key)
    func find() -> Storage? {
      DerivedFile(path: path, key: key).flatMap { $0.byteCount == byteCount ? $0.storage : nil }
    }
    if let found = find() { return found }
    // Another process may make it while this one waits.
    if let draft = DerivedFileDraft(path: path),
      let found = find() ?? (draft.publish(key: key, byteCount: byteCount, make) ? find() : nil)
    {
      return found
    }
    let storage = Storage(byteCount: byteCount)
    make(storage.bytes)
    return storage
  }

  /// Rows of `width` numbers for each of different keys: those of its file, or `make`'s, which are written there.
  ///
  /// - Parameter make: gives the rows of the keys at the places that it is called with, all at once.
  public func rows<Failure: Error>(
    for keys: [String], width: Int, make: (_ missing: [Int]) throws(Failure) -> [Tensor]
  ) throws(Failure) -> [Tensor] {
    let paths = keys.map(path)
    func find(_ index: Int) -> Tensor? {
      guard let file = DerivedFile(path: paths[index], key: keys[index]), file.byteCount % (4 * width) == 0
      else {
        return nil
      }
      return Tensor(
        shape: [file.byteCount / (4 * width), width], elementType: .float32, storage: file.storage,
        byteOffset: 0)
    }
    var found = keys.indices.map(find)
    var drafts: [Int: DerivedFileDraft] = [:]
    // In one order everywhere, so that no two processes wait for each other.
    for index in keys.indices.sorted(by: { paths[$0] < paths[$1] }) where found[index] == nil {
      guard let draft = DerivedFileDraft(path: paths[index]) else { continue }
      // Another process may have made it while this one waited.
      found[index] = find(index)
      if found[index] == nil { drafts[index] = draft }
    }
    let missing = keys.indices.filter { found[$0] == nil }
    guard !missing.isEmpty else { return found.compactMap(\.self) }
    for (index, rows) in zip(missing, try make(missing)) {
      found[index] = rows
      rows.withBytes { bytes in
        _ = drafts[index]?.publish(key: keys[index], byteCount: bytes.count) { target in
          UnsafeMutableRawBufferPointer(start: target, count: bytes.count).copyMemory(from: bytes)
        }
      }
    }
    return found.compactMap(\.self)
  }

  /// Two checksums of the key: a file says what it is for, so that two keys of one name only replace each other.
  private func path(_ key: String) -> String {
    let name = [key, key + "\n"].map { text in
      let digits = String(Array(text.utf8).withUnsafeBytes { checksum($0) }, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
    return "\(folder)/\(name.prefix(2))/\(name.dropFirst(2))"
  }
}

/// One derived file, mapped and found to be whole.
///
/// | bytes | what |
/// |---|---|
/// | 8 | `REELDRV1` |
/// | 8 | the length of the key |
/// | 8 | the length of the payload |
/// | 8 | the payload's checksum |
/// | 8 | the checksum of what stands above and of the key |
/// | | the key, zeros up to a multiple of 64, the payload, 64 zeros that vectors may read |
///
/// Numbers are little-endian.
public struct DerivedFile {
  let storage: Storage
  let byteCount: Int

  fileprivate static let magic = Array("REELDRV1".utf8)
  fileprivate static let headLength = 40
  /// What follows the payload.
  fileprivate static let margin = 64

  fileprivate static func payloadOffset(keyLength: Int) -> Int { (headLength + keyLength + 63) / 64 * 64 }

  /// `nil` for a file that is not there, is damaged, or is for another key.
  init?(path: String, key: String) {
    self.init(path: path) { $0.elementsEqual(key.utf8) }
    Self.noteUse(of: path)
  }

  /// Whether the file is what was written.
  public static func isSound(_ path: String) -> Bool { DerivedFile(path: path) { _ in true } != nil }

  private init?(path: String, isWanted: (UnsafeRawBufferPointer) -> Bool) {
    guard let file = try? MappedFile(path: path), file.bytes.count > Self.headLength else { return nil }
    let bytes = file.bytes
    func number(_ place: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }
    func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(rebasing: bytes[range])
    }
    let (keyLength, length) = (number(8), number(16))
    let whole = UInt64(bytes.count)
    guard part(0..<8).elementsEqual(Self.magic), keyLength <= whole, length <= whole else { return nil }
    let offset = Self.payloadOffset(keyLength: Int(keyLength))
    guard offset + Int(length) + Self.margin == bytes.count,
      number(32) == Self.headChecksum(bytes, keyLength: Int(keyLength)),
      isWanted(part(Self.headLength..<Self.headLength + Int(keyLength))),
      number(24) == payloadChecksum(part(offset..<offset + Int(length)))
    else { return nil }
    storage = Storage(file, offset: offset)
    byteCount = Int(length)
  }

  fileprivate static func headChecksum(_ bytes: UnsafeRawBufferPointer, keyLength: Int) -> UInt64 {
    let text = Array(bytes[..<32]) + Array(bytes[headLength..<headLength + keyLength])
    return text.withUnsafeBytes { checksum($0) }
  }

  /// A file's time of change is that of its last use, to an hour: what is used stays when room is made.
  private static func noteUse(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0, time(nil) - status.st_mtim.tv_sec > 3600 else { return }
    utimensat(AT_FDCWD, path, nil, 0)
  }
}

/// A derived file that is being made: nobody else makes it meanwhile, in whatever process.
private final class DerivedFileDraft {
  private let path: String
  private let draft: String
  private let descriptor: Int32
  private var isPublished = false

  /// Waits for whoever is at it. `nil` where nothing can be written.
  init?(path: String) {
    self.path = path
    draft = path + ".draft"
    for end in path.indices.dropFirst() where path[end] == "/" { mkdir(String(path[..<end]), 0o777) }
    while true {
      let descriptor = open(draft, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { return nil }
      while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
      // Whoever had the lock has published the file, or taken it away: then this descriptor is of none.
      var (own, there) = (stat(), stat())
      if fstat(descriptor, &own) == 0, stat(draft, &there) == 0, own.st_ino == there.st_ino {
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
  }

  deinit {
    if !isPublished { unlink(draft) }
    close(descriptor)
  }

  /// Writes the file and gives it its name; false where there is no room for it.
  ///
  /// - Parameter make: writes all bytes of the payload, which are zeros.
  func publish(key: String, byteCount: Int, _ make: (UnsafeMutableRawPointer) -> Void) -> Bool {
    let key = Array(key.utf8)
    let offset = DerivedFile.payloadOffset(keyLength: key.count)
    let size = offset + byteCount + DerivedFile.margin
    // All room is taken at once: a write into a mapped hole of a full disk would end the process.
    guard ftruncate(descriptor, 0) == 0, posix_fallocate(descriptor, 0, size) == 0,
      let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), start != MAP_FAILED
    else { return false }
    defer { munmap(start, size) }
    make(start + offset)
    let bytes = UnsafeMutableRawBufferPointer(start: start, count: size)
    func put(_ number: UInt64, at place: Int) {
      bytes.storeBytes(of: number.littleEndian, toByteOffset: place, as: UInt64.self)
    }
    bytes.copyBytes(from: DerivedFile.magic)
    put(UInt64(key.count), at: 8)
    put(UInt64(byteCount), at: 16)
    put(payloadChecksum(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + byteCount])), at: 24)
    UnsafeMutableRawBufferPointer(rebasing: bytes[DerivedFile.headLength...]).copyBytes(from: key)
    put(DerivedFile.headChecksum(UnsafeRawBufferPointer(bytes), keyLength: key.count), at: 32)
    // Nobody changes it by mistake.
    fchmod(descriptor, 0o444)
    isPublished = rename(draft, path) == 0
    return isPublished
  }
}

/// The checksum of the checksums of stretches, which are computed in parallel.
private func payloadChecksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  let stretch = 1 << 20
  let count = (bytes.count + stretch - 1) / stretch
  var sums = [UInt64](repeating: 0, count: count)
  sums.withUnsafeMutableBufferPointer { sums in
    let target = sums.baseAddress
    dispatch(count, grain: 1) { range in
      for index in range {
        let part = bytes[index * stretch..<min((index + 1) * stretch, bytes.count)]
        target![index] = checksum(UnsafeRawBufferPointer(rebasing: part)).littleEndian
      }
    }
  }
  return sums.withUnsafeBytes { checksum($0) }
}
