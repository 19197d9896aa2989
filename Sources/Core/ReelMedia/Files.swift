// Reading and writing whole stretches of a file, with the system's refusals as errors.

import Glibc

/// A file open for reading at any place; safe to read from several threads.
struct InputFile: ~Copyable, Sendable {
  let path: String
  /// In bytes, when the file was opened.
  let length: Int
  private let descriptor: Int32

  init(_ path: String) throws(MediaError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(path, "open") }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let error = MediaError.system(path, "open")
      close(descriptor)
      throw error
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .system(path: path, action: "open", reason: "not a file")
    }
    length = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Exactly `count` bytes from `offset`, or `nil` where the file ends before.
  func read(_ count: Int, at offset: Int) throws(MediaError) -> [UInt8]? {
    guard count >= 0, offset >= 0, offset <= length, count <= length - offset else { return nil }
    var failure: MediaError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(descriptor, buffer.baseAddress! + filled, count - filled, off_t(offset + filled))
        if got < 0 && errno == EINTR { continue }
        if got < 0 { failure = .system(path, "read") }
        if got <= 0 { break }
        filled += got
      }
    }
    if let failure { throw failure }
    return bytes.count == count ? bytes : nil
  }
}

/// A file that is written from its start.
struct OutputFile: ~Copyable {
  let path: String
  private let descriptor: Int32

  init(_ path: String) throws(MediaError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(path, "write") }
  }

  deinit { close(descriptor) }

  func write(_ bytes: [UInt8]) throws(MediaError) {
    var done = 0
    while done < bytes.count {
      let wrote = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress! + done, bytes.count - done)
      }
      if wrote < 0 && errno == EINTR { continue }
      guard wrote > 0 else { throw .system(path, "write") }
      done += wrote
    }
  }
}

extension MediaError {
  /// The error of the system call that has just failed.
  static func system(_ path: String, _ action: String) -> MediaError {
    .system(path: path, action: action, reason: String(cString: strerror(errno)).lowercased())
  }
}
