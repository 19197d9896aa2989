// Hearing of changes to files: inotify on the folders that they are in.

import Glibc

/// Watches files by name, so that editors which write beside a file and rename are heard too. Used by one thread.
public final class FileWatch {
  private let descriptor: Int32
  /// By the kernel's number of a folder: its path, and the names in it that are watched, with what the user calls
  /// them.
  private var folders: [Int32: Folder] = [:]
  private var changed: Set<String> = []
  /// Where a source is wrong or missing, its folder's other files count as well.
  public var hearsEveryFile = false

  private struct Folder {
    let path: String
    var files: [String: String] = [:]
  }

  public init() throws(FileError) {
    guard let descriptor = OperatingSystem.watchDescriptor() else {
      throw FileError("inotify", "watch files")
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Watches these files from now on, those that are not there too, as long as their folder is. A link is watched
  /// as well as what it leads to.
  public func follow(_ paths: some Sequence<String>) {
    for path in paths {
      watch(path, calledBy: path)
      if let real = FileSystem.realPath(path), real != path { watch(real, calledBy: path) }
    }
  }

  private func watch(_ path: String, calledBy name: String) {
    let folder = FileSystem.parent(of: path) ?? "."
    // The kernel gives the same number for the same folder.
    guard let number = OperatingSystem.watch(folder, with: descriptor) else { return }
    folders[number, default: Folder(path: folder)].files[FileSystem.name(of: path)] = name
  }

  /// Whether any watched file has changed since the last ``take()``. Waits for nothing.
  public var hasChanges: Bool {
    for event in OperatingSystem.folderEvents(of: descriptor) {
      if event.isLoss {
        // What happened is unknown. A folder is watched again when it is followed again; a dropped event names none.
        if let folder = folders.removeValue(forKey: event.folder) {
          changed.insert(folder.path)
        } else if event.folder < 0 {
          changed.insert("many files")
        }
      } else if let folder = folders[event.folder] {
        if let name = folder.files[event.name] {
          changed.insert(name)
        } else if hearsEveryFile, !event.name.hasPrefix(".") {
          changed.insert(FileSystem.path(event.name, in: folder.path))
        }
      }
    }
    return !changed.isEmpty
  }

  /// Why ``wait(quiet:)`` came back.
  public enum Awakening: Hashable, Sendable {
    /// These changed, in alphabetical order.
    case changes([String])
    /// A signal of ``Interruptions`` came.
    case signal(Int32)
  }

  /// Waits for a change or a signal; after a change, until nothing has changed for `quiet` milliseconds, since one
  /// save of an editor is many events.
  public func wait(quiet: Int32 = 100) -> Awakening {
    let interruptions = Interruptions()
    var descriptors = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: interruptions.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      let isQuiet = poll(&descriptors, 2, hasChanges ? quiet : -1) == 0
      if descriptors[1].revents != 0, let signal = interruptions.take() { return .signal(signal) }
      guard isQuiet else { continue }
      defer { changed = [] }
      return .changes(changed.sorted())
    }
  }
}
