// Fractions of whole numbers, reduced.

/// The two positive numbers of a fraction, divided by all that they have in common.
func inLowestTerms(_ numerator: Int, _ denominator: Int) -> (Int, Int) {
  var (a, b) = (numerator, denominator)
  while b != 0 { (a, b) = (b, a % b) }
  return (numerator / a, denominator / a)
}
