// A campaign of stages that do no work: quick enough to be built a hundred times.

/// Nodes `shots`, `work` and `film`, each of which reads the one before.
///
/// - Parameters:
///   - shots: what makes the shots, as the pipeline writes it.
///   - work: what is done to each.
///   - head: what comes before the stages.
///   - output: what `film` is delivered as.
func shotCampaign(
  shots: String, work: String = "{stage: shot-work, in: {prompts: shots}}", head: String = "",
  output: String = "film.txt"
) -> String {
  """
  reel: 1
  name: fast
  \(head)stages:
    shots: \(shots)
    work: \(work)
    film: {stage: shot-join, in: {frames: work}}
  outputs:
    \(output): film

  """
}

/// Three shots, each behind a text, joined.
func fastCampaign(text: String = "hello", seconds: Double = 0, shots: [String] = ["a", "b", "c"]) -> String {
  shotCampaign(
    shots: "{stage: shot-list, with: {shots: [\(shots.joined(separator: ", "))]}}",
    work: """

          stage: shot-work
          in: {prompts: shots}
          with:
            text: \(text)
            seconds: \(seconds)
      """, output: "renders/${name}.txt")
}

/// What ``fastCampaign(text:seconds:shots:)`` delivers.
func fastFilm(text: String = "hello", shots: [String] = ["a", "b", "c"]) -> String {
  "\n" + shots.map { "\(text) \($0)\n" }.joined()
}
