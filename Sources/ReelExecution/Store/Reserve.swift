// Room on the disk that the store keeps, so that a full disk does not keep anyone from making room.

import Glibc

/// The file `reserve`. Opening the index takes some thousand bytes of the disk, and a folder for the run some more: on
/// a disk without one free byte `reel cache gc` could not begin.
enum Reserve {
  private static let size: off_t = 256 << 10

  private static func path(in folder: String) -> String { folder + "/reserve" }

  /// Takes the room, once and as far as there is any.
  static func keep(in folder: String) {
    let path = path(in: folder)
    guard !FileSystem.exists(path) else { return }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    if posix_fallocate(descriptor, 0, size) != 0 { unlink(path) }
  }

  /// Gives the room back where the disk is full; the next run takes it again.
  static func release(in folder: String) {
    if FileSystem.isFull(folder) { unlink(path(in: folder)) }
  }
}
