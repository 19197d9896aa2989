// Reading, writing and replacing files, with every failure a FileError.

import Glibc

/// The file operations that the store, the outputs and the command line share.
public enum FileSystem {
  /// An open file that closes itself.
  struct Descriptor: ~Copyable {
    let number: Int32
    let path: String

    /// A regular file or a folder. Anything else is refused, and not waited for: a pipe that nobody writes to
    /// would keep the caller for ever.
    init(reading path: String) throws(FileError) {
      self.path = path
      number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      guard number >= 0 else {
        throw FileError(path, "read", code: errno == ENXIO ? FileError.noRegularFile : errno)
      }
      let identity = try FileIdentity(descriptor: number, path: path)
      guard identity.isRegularFile || identity.isFolder else {
        throw FileError(path, "read", code: FileError.noRegularFile)
      }
    }

    /// A new file, which the umask may keep from others; one of this name must not exist.
    init(creating path: String, mode: mode_t = 0o666) throws(FileError) {
      self.path = path
      number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
      guard number >= 0 else { throw FileError(path, "write") }
    }

    /// What stands there already. A pipe that nobody reads is not waited for.
    init(writing path: String) throws(FileError) {
      self.path = path
      number = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
      guard number >= 0 else { throw FileError(path, "write") }
      _ = fcntl(number, F_SETFL, O_WRONLY)
    }

    deinit { if number >= 0 { close(number) } }

    /// Fills the start of `buffer`; 0 at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
      while true {
        let count = Glibc.read(number, buffer.baseAddress, buffer.count)
        if count >= 0 { return count }
        if errno != EINTR { throw FileError(path, "read") }
      }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
      var done = 0
      while done < bytes.count {
        let count = Glibc.write(number, bytes.baseAddress! + done, bytes.count - done)
        if count > 0 { done += count } else if errno != EINTR { throw FileError(path, "write") }
      }
    }

    func write(_ bytes: [UInt8]) throws(FileError) {
      let result = bytes.withUnsafeBytes { raw in
        Result { () throws(FileError) in try write(raw) }
      }
      try result.get()
    }

    /// Waits until the bytes are on the disk.
    func synchronise() throws(FileError) {
      guard fsync(number) == 0 else { throw FileError(path, "write") }
    }
  }

  /// The whole file, which must be a regular one of at most `limit` bytes.
  public static func read(_ path: String, limit: Int = 1 << 30) throws(FileError) -> [UInt8] {
    let file = try Descriptor(reading: path)
    let identity = try FileIdentity(descriptor: file.number, path: path)
    guard !identity.isFolder else { throw FileError(path, "read", code: EISDIR) }
    guard identity.size <= limit else { throw FileError(path, "read", code: EFBIG) }
    let chunk = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(4096, min(identity.size + 1, 1 << 20)), alignment: 16)
    defer { chunk.deallocate() }
    var bytes: [UInt8] = []
    while true {
      let count = try file.read(into: chunk)
      if count == 0 { break }
      bytes += chunk[..<count]
      guard bytes.count <= limit else { throw FileError(path, "read", code: EFBIG) }
    }
    Counter.readFiles.add()
    Counter.readBytes.add(bytes.count)
    return bytes
  }

  /// Whether anything stands at `path`, a broken link included.
  public static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// Whether a folder is at `path`, or a link to one.
  public static func isFolder(_ path: String) -> Bool { (try? FileIdentity(path: path).isFolder) ?? false }

  /// The first bytes of a file, at most `count`.
  public static func beginning(of path: String, count: Int) throws(FileError) -> [UInt8] {
    let file = try Descriptor(reading: path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count), alignment: 1)
    defer { buffer.deallocate() }
    return Array(buffer[..<(try file.read(into: buffer))])
  }

  /// Writes into what stands at `path` and is no regular file: a pipe, a device.
  public static func write(_ bytes: some Collection<UInt8>, into path: String) throws(FileError) {
    try Descriptor(writing: path).write(Array(bytes))
  }

  /// Replaces the file at `path`, or makes it, so that a reader sees the old bytes or the new ones.
  public static func replace(_ path: String, with bytes: some Collection<UInt8>) throws(FileError) {
    let temporary = temporaryName(beside: path)
    do throws(FileError) {
      let file = try Descriptor(creating: temporary)
      try file.write(Array(bytes))
      try rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw FileError(path, error.attempt, code: error.code)
    }
  }

  /// Makes the folder and those above it that are not there.
  public static func makeFolder(_ path: String) throws(FileError) {
    if mkdir(path, 0o777) == 0 { return }
    let code = errno
    if code == EEXIST, let identity = try? FileIdentity(path: path), identity.isFolder { return }
    guard code == ENOENT, let parent = parent(of: path), parent != path else {
      throw FileError(path, "make the folder", code: code)
    }
    try makeFolder(parent)
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw FileError(path, "make the folder") }
  }

  /// Puts the file or folder `source` in the place of `target`.
  static func rename(_ source: String, to target: String) throws(FileError) {
    guard Glibc.rename(source, target) == 0 else { throw FileError(target, "write") }
  }

  /// The names in a folder, ascending.
  public static func names(in folder: String) throws(FileError) -> [String] {
    guard let stream = opendir(folder) else { throw FileError(folder, "read") }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a file, or a folder with all that is in it; nothing where nothing is. Follows no link.
  public static func remove(_ path: String) throws(FileError) {
    if unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR { return }
    let code = errno
    guard let identity = try? FileIdentity(notFollowing: path), identity.isFolder else {
      throw FileError(path, "remove", code: code)
    }
    for name in try names(in: path) { try remove(path + "/" + name) }
    guard rmdir(path) == 0 || errno == ENOENT else { throw FileError(path, "remove") }
  }

  /// Waits until all that was written to the file system that `folder` is on is on the disk.
  static func synchroniseAll(on folder: String) throws(FileError) {
    let descriptor = try Descriptor(reading: folder)
    guard OperatingSystem.synchroniseFileSystem(of: descriptor.number) else {
      throw FileError(folder, "write")
    }
  }

  /// Whether the disk that `folder` is on has no room left for what this user writes.
  static func isFull(_ folder: String) -> Bool {
    var status = statvfs()
    return statvfs(folder, &status) == 0 && status.f_blocks > 0 && status.f_bavail == 0
  }

  /// Waits until the names in `folder` are on the disk.
  static func synchronise(folder: String) throws(FileError) {
    try Descriptor(reading: folder).synchronise()
  }

  /// Copies a file's bytes, shared with the source where the file system can.
  static func copy(_ source: String, toNew target: String) throws(FileError) {
    let from = try Descriptor(reading: source)
    let to = try Descriptor(creating: target)
    if OperatingSystem.clone(from.number, to: to.number) { return }
    try copyBytes(from, to)
  }

  private static func copyBytes(_ from: borrowing Descriptor, _ to: borrowing Descriptor) throws(FileError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = try from.read(into: buffer)
      if count == 0 { return }
      try to.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  /// The folder that `path` stands in; `nil` for a bare name.
  public static func parent(of path: String) -> String? {
    guard let slash = path.lastIndex(of: "/") else { return nil }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last step of `path`.
  static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// `path` seen from `folder`, unless it is absolute.
  public static func path(_ path: String, in folder: String) -> String {
    path.hasPrefix("/") ? path : folder.hasSuffix("/") ? folder + path : folder + "/" + path
  }

  /// The absolute path without links and dots; `nil` where nothing is.
  public static func realPath(_ path: String) -> String? {
    guard let text = realpath(path, nil) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }

  /// The absolute path of a name that need not be there yet: links to the folders that it stands in are resolved,
  /// the name itself is not followed.
  public static func location(of path: String) -> String {
    var folder = parent(of: path) ?? "."
    var rest = name(of: path)
    while true {
      if let real = realPath(folder) { return self.path(rest, in: real) }
      guard let outer = parent(of: folder), outer != folder else {
        return folder.hasPrefix("/") ? path : self.path(path, in: realPath(".") ?? "/")
      }
      rest = name(of: folder) + "/" + rest
      folder = outer
    }
  }

  /// A name in the same folder that no other process uses.
  static func temporaryName(beside path: String) -> String {
    let folder = parent(of: path).map { $0 == "/" ? "/" : $0 + "/" } ?? ""
    return "\(folder).\(name(of: path)).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).reel"
  }
}
