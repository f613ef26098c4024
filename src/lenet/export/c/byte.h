/* The byte that a total becomes: (total x multiplier + offset) / 2^24 is its place in the table. */
static inline uint8_t lenet_byte(int32_t total, int32_t multiplier, int64_t offset,
                                 const uint8_t table[1024]) {
    const int64_t scaled = (int64_t)total * multiplier + offset;
    if (scaled < 0) return table[0];
    return scaled >> 24 > 1023 ? table[1023] : table[scaled >> 24];
}
