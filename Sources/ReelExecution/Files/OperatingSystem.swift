// The calls of Linux that Swift's Glibc module leaves out: the only file that knows CLinux.

import CLinux
import Glibc
import ReelPlanning

enum OperatingSystem {
  /// How many processors this process may use.
  static var cores: Int { Int(reel_cores()) }

  /// "SIGABRT" for 6.
  static func name(ofSignal signal: Int32) -> String {
    sigabbrev_np(signal).map { "SIG" + String(cString: $0) } ?? "signal \(signal)"
  }

  /// The path of the loaded library that an address lies in.
  static func library(of address: UnsafeRawPointer) -> String? {
    reel_library_of(address).map { String(cString: $0) }
  }

  /// Has the kernel kill this process when the thread that started it ends.
  static func dieWithParent() { _ = reel_die_with_parent() }

  static func dumpNoCore() { _ = reel_dump_no_core() }

  /// A pipe that no child process inherits; `nil` where descriptors have run out.
  static func pipe() -> (reading: Int32, writing: Int32)? {
    var ends: [Int32] = [-1, -1]
    return reel_pipe(&ends) == 0 ? (ends[0], ends[1]) : nil
  }

  /// A descriptor that reads the signals in `signals`, which the caller has blocked.
  static func signalDescriptor(_ signals: sigset_t) -> Int32 {
    var signals = signals
    return reel_signal_descriptor(&signals)
  }

  /// Locks the byte at `offset` of an open file, which need not be there, alone or shared with others, or frees
  /// it. The lock belongs to the descriptor, whichever process has it, and ends with it.
  ///
  /// - Returns: 0, or the `errno`: EAGAIN where it is locked by another descriptor and `waits` is false.
  static func lockByte(_ offset: Int, of descriptor: Int32, _ lock: ByteLock, waits: Bool) -> Int32 {
    let type =
      switch lock {
      case .alone: F_WRLCK
      case .shared: F_RDLCK
      case .free: F_UNLCK
      }
    while reel_lock_byte(descriptor, Int16(type), offset, waits ? 1 : 0) != 0 {
      if errno == EACCES { return EAGAIN }
      if errno != EINTR { return errno }
    }
    return 0
  }

  enum ByteLock { case alone, shared, free }

  /// Waits until all that was written to the file system of `descriptor` is on the disk.
  static func synchroniseFileSystem(of descriptor: Int32) -> Bool {
    reel_synchronise_file_system(descriptor) == 0
  }

  /// A descriptor that tells of changes in folders; `nil` where the system gives no more of them.
  static func watchDescriptor() -> Int32? {
    let descriptor = reel_watch_descriptor()
    return descriptor < 0 ? nil : descriptor
  }

  /// Has `descriptor` tell of what happens to the names in `folder`.
  ///
  /// - Returns: The number by which its events speak of the folder; `nil` where it cannot be watched.
  static func watch(_ folder: String, with descriptor: Int32) -> Int32? {
    let number = reel_watch_folder(descriptor, folder)
    return number < 0 ? nil : number
  }

  /// What happened to a name in a watched folder.
  struct FolderEvent {
    let folder: Int32
    /// Empty for the folder itself.
    let name: String
    /// Whether events were dropped, or the folder is gone.
    let isLoss: Bool
  }

  /// The events that `descriptor` has ready. Waits for none.
  static func folderEvents(of descriptor: Int32) -> [FolderEvent] {
    var events: [FolderEvent] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return events }
      buffer.withUnsafeBytes { bytes in
        var place = 0
        while place + 16 <= count {
          // struct inotify_event: wd, mask, cookie, len, then the name, padded with zeros.
          let mask = bytes.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self)
          let length = Int(bytes.loadUnaligned(fromByteOffset: place + 12, as: UInt32.self))
          let name = bytes[place + 16..<place + 16 + length].prefix { $0 != 0 }
          events.append(
            FolderEvent(
              folder: bytes.loadUnaligned(fromByteOffset: place, as: Int32.self),
              name: String(decoding: name, as: UTF8.self), isLoss: reel_watch_lost(mask) != 0))
          place += 16 + length
        }
      }
    }
  }

  /// How many bytes may still be written to the disk that `folder` is on; `nil` where there is no such folder.
  static func freeBytes(in folder: String) -> Int? {
    let bytes = reel_free_bytes(folder)
    return bytes < 0 ? nil : Int(bytes)
  }

  /// A descriptor that is readable once the child `process` has ended; -1 where the system has none, which
  /// poll(2) passes over.
  static func endDescriptor(of process: pid_t) -> Int32 { reel_process_descriptor(process) }

  /// Makes two names change places at one instant; false where the file system cannot.
  static func exchange(_ one: String, _ other: String) -> Bool { reel_exchange(one, other) == 0 }

  /// How many processes the system has killed since it started because memory had run out.
  static var memoryKills: Int {
    numbers(in: "/proc/vmstat")["oom_kill"] ?? 0
  }

  /// What a file of the kernel's tells, line by line: a name, a number and perhaps its unit. Empty for what cannot be
  /// read.
  static func numbers(in file: String) -> [String: Int] {
    let text = (try? FileSystem.read(file, limit: 1 << 20)) ?? []
    var numbers: [String: Int] = [:]
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      if words.count > 1 { numbers[String(words[0])] = Int(words[1]) }
    }
    return numbers
  }

  /// The sum of what the kernel tells of a process under these names; 0 where it tells nothing.
  ///
  /// - Parameter process: its number, or `self`.
  static func memory(of process: String, _ names: Set<Substring>) -> ByteCount {
    let text = (try? FileSystem.read("/proc/\(process)/status", limit: 1 << 16)) ?? []
    var kilobytes = 0
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      guard words.count > 1, names.contains(words[0]) else { continue }
      kilobytes += Int(words[1]) ?? 0
    }
    return ByteCount(kilobytes * 1024)
  }

  /// What the machine has in all, or a container of it, and what programs could take of that without any of it being
  /// swapped out; 0 where the system does not tell.
  static var machineMemory: (total: ByteCount, available: ByteCount) {
    let kilobytes = numbers(in: "/proc/meminfo")
    let total = ByteCount((kilobytes["MemTotal:"] ?? 0) * 1024)
    let available = ByteCount((kilobytes["MemAvailable:"] ?? 0) * 1024)
    guard let (limit, left) = ControlGroup()?.memory else { return (total, available) }
    return (min(total, limit), min(available, left))
  }

  /// Has the system kill this process rather than its host when memory runs out.
  static func offerToBeKilled() {
    let file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = "500".withCString { write(file, $0, 3) }
    close(file)
  }

  /// Gives `target` the bytes of `source` without copying them; false where the file system cannot.
  static func clone(_ source: Int32, to target: Int32) -> Bool { reel_clone(target, source) == 0 }
}

/// The most that this process held in memory since ``restartPeakMemory()``, pages of mapped files included; `nil` where
/// the system does not tell.
public var peakMemory: ByteCount? {
  let peak = OperatingSystem.memory(of: "self", ["VmHWM:"])
  return peak.bytes > 0 ? peak : nil
}

/// The pages of files that this process has in memory.
public var mappedMemory: ByteCount { OperatingSystem.memory(of: "self", ["RssFile:"]) }

/// Has the system count the peak of this process's memory anew.
public func restartPeakMemory() {
  let file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
  guard file >= 0 else { return }
  _ = "5".withCString { write(file, $0, 1) }
  close(file)
}

/// How many processors `reel` may use: the default of `-j`.
public var availableCores: Int { OperatingSystem.cores }
