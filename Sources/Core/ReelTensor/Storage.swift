// The memory behind tensors: owned and aligned to cache lines, or part of a file that is mapped.
import CKernels
import Glibc

/// A block of memory that tensors share until one of them writes.
final class Storage: @unchecked Sendable {
  // Unchecked: the bytes change only through a tensor that holds the sole reference to its storage.
  let bytes: UnsafeMutableRawPointer
  private let owner: Owner

  /// Who has the bytes when the storage is gone.
  private enum Owner {
    case system
    case arena(Arena, byteCount: Int)
    case file(MappedFile)
  }

  /// Uninitialised memory, aligned to 64 bytes: a cache line, and the widest vector.
  init(byteCount: Int) {
    if let arena = Arena.current {
      bytes = arena.take(byteCount)
      owner = .arena(arena, byteCount: byteCount)
    } else {
      bytes = Self.allocate(byteCount)
      owner = .system
    }
  }

  /// The bytes of `file` from `offset` on, which are never written.
  init(_ file: MappedFile, offset: Int) {
    bytes = UnsafeMutableRawPointer(mutating: file.bytes.baseAddress!) + offset
    owner = .file(file)
  }

  var isWritable: Bool {
    if case .file = owner { return false }
    return true
  }

  deinit {
    switch owner {
    case .system: free(bytes)
    case .arena(let arena, let byteCount): arena.giveBack(bytes, byteCount)
    case .file: break
    }
  }

  static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    var pointer: UnsafeMutableRawPointer?
    // 64 bytes more than asked, so that a vector load at the last element stays inside the block.
    let status = posix_memalign(&pointer, 64, byteCount + 64)
    guard status == 0, let pointer else {
      fatalError("out of memory: a tensor of \(byteCount) bytes")
    }
    return pointer
  }
}

/// Gives the system the memory that tensors have left and that the allocator keeps for others: worth a millisecond where
/// another kind of work begins.
public func releaseFreedMemory() { reel_release_freed_memory() }

/// A file mapped into memory, read-only, for as long as this object lives.
final class MappedFile: @unchecked Sendable {
  // Unchecked: the bytes are never written.
  let bytes: UnsafeRawBufferPointer

  /// Maps the whole file; a failure is the `errno` of the call that failed.
  init(path: String) throws(SystemFailure) {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw SystemFailure() }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw SystemFailure() }
    guard status.st_mode & S_IFMT == S_IFREG else { throw SystemFailure(number: EINVAL) }
    let count = Int(status.st_size)
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0), start != MAP_FAILED else {
      throw SystemFailure()
    }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  /// Forgets the pages that were read; what is touched again is read again.
  func releasePages() {
    if let start = bytes.baseAddress {
      madvise(UnsafeMutableRawPointer(mutating: start), bytes.count, MADV_DONTNEED)
    }
  }

  deinit {
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }
}

/// A system call that failed, in the words of the C library.
struct SystemFailure: Error {
  let number: Int32
  init(number: Int32 = errno) { self.number = number }
  var reason: String { String(cString: strerror(number)).lowercased() }
}
