// Where one run works: a folder in the store's `tmp/`, and what tells that its run has ended.

import Glibc
import ReelPlanning

/// The folder of one run, gone with this value. A run that was killed leaves it to the next one.
///
/// It is called `PROCESS-CAMPAIGN` and holds a lock on itself: where nobody has that, the run is over.
final class RunFolder {
  /// Absolute.
  let path: String
  private let descriptor: Int32

  /// What the workers of a run, and what they start, have in their environment: the run's folder.
  private static let variable = "REEL_RUN"

  /// Makes the folder of this process's run.
  ///
  /// - Parameters:
  ///   - parent: the store's `tmp/`, as an absolute path.
  ///   - campaign: what is built; `nil` for a command that builds nothing.
  init(in parent: String, campaign: Digest?) throws(FileError) {
    while true {
      let name = "\(getpid())-\(Self.mark(campaign))-\(UInt32.random(in: 0...UInt32.max))"
      let path = parent + "/" + name
      guard mkdir(path, 0o777) == 0 else {
        if errno == EEXIST { continue }
        throw FileError(path, "make the folder")
      }
      // Between the two lines another run may take it for a left one and remove it.
      let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard descriptor >= 0 else {
        if errno == ENOENT { continue }
        let error = FileError(path, "open")
        rmdir(path)
        throw error
      }
      if flock(descriptor, LOCK_SH | LOCK_NB) == 0, FileSystem.exists(path) {
        self.path = path
        self.descriptor = descriptor
        break
      }
      close(descriptor)
    }
    setenv(Self.variable, path, 1)
  }

  deinit {
    try? FileSystem.remove(path)
    close(descriptor)
  }

  /// The part of a run folder's name that tells what the run builds.
  private static func mark(_ campaign: Digest?) -> Substring { campaign?.description.prefix(12) ?? "store" }

  /// The processes of the runs at work in `parent`, of one campaign or of all, ascending.
  static func processesAtWork(in parent: String, on campaign: Digest? = nil) -> [String] {
    let names = (try? FileSystem.names(in: parent)) ?? []
    let processes = names.compactMap { name -> Int? in
      let parts = name.split(separator: "-")
      guard parts.count == 3, campaign == nil || parts[1] == mark(campaign), isHeld(parent + "/" + name)
      else {
        return nil
      }
      return Int(parts[0])
    }
    return processes.filter { $0 != Int(getpid()) }.sorted().map(String.init)
  }

  /// Whether the run of this folder has not ended.
  private static func isHeld(_ path: String) -> Bool {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return errno != ENOENT }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) != 0
  }

  /// Removes the folders of runs that have ended, and ends what their stages started and left.
  static func removeLeft(in parent: String) {
    for name in (try? FileSystem.names(in: parent)) ?? [] {
      let path = parent + "/" + name
      let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      // The lock keeps a run that is just making a folder of this name from having it.
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { continue }
      endProcesses(of: path)
      // Another user's, perhaps: it is in nobody's way.
      try? FileSystem.remove(path)
    }
  }

  /// Kills the processes of a run that has ended. Workers end with their host, but what they started may have
  /// missed it.
  private static func endProcesses(of path: String) {
    let mark = Array("\(variable)=\(path)".utf8)
    for name in (try? FileSystem.names(in: "/proc")) ?? [] {
      guard let process = pid_t(name), process != getpid(),
        let environment = try? FileSystem.read("/proc/\(name)/environ", limit: 1 << 22)
      else { continue }
      if environment.split(separator: 0).contains(where: { $0.elementsEqual(mark) }) {
        kill(process, SIGKILL)
      }
    }
  }
}
