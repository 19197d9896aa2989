// The version of reel.

/// Raised with every release.
public let reelVersion = "0.1.0"
