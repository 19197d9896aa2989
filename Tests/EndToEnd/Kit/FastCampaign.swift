// A campaign of stages that do no work: quick enough to be built a hundred times.

/// Three shots, each behind a text, joined.
func fastCampaign(text: String = "hello", seconds: Double = 0, shots: [String] = ["a", "b", "c"]) -> String {
  """
  reel: 1
  name: fast
  stages:
    shots: {stage: shot-list, with: {shots: [\(shots.joined(separator: ", "))]}}
    work:
      stage: shot-work
      in: {prompts: shots}
      with:
        text: \(text)
        seconds: \(seconds)
    film: {stage: shot-join, in: {frames: work}}
  outputs:
    renders/${name}.txt: film

  """
}

/// What ``fastCampaign(text:seconds:shots:)`` delivers.
func fastFilm(text: String = "hello", shots: [String] = ["a", "b", "c"]) -> String {
  "\n" + shots.map { "\(text) \($0)\n" }.joined()
}
