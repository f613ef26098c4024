/* tanh as a quotient of polynomials, within 4.2e-7 of it for every float, so that no library is
   needed. Beyond 7.9 it stays at 1 - 1e-7. */
static inline float lenet_tanh(float a) {
    const float held = a > 7.9f ? 7.9f : a < -7.9f ? -7.9f : a, t = held * held;
    float above = t * 1.14915235e-05f + 0.00295649724f, below = t * 2.48014652e-07f;
    above = (above * t + 0.129305956f) * t + 0.999999873f;
    below = ((below + 0.000239466068f) * t + 0.0238374763f) * t + 0.462638071f;
    return held * above / (below * t + 1.0f);
}
