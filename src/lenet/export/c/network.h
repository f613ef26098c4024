/* C1's unit at (row, column) of 28x28: 5x5 pixels; bare ones around the image add nothing. */
static inline lenet_unit lenet_c1(const uint8_t image[784], int map, int row, int column) {
    const int top = row < 2 ? 2 - row : 0, bottom = row > 25 ? 30 - row : 5;
    const int left = column < 2 ? 2 - column : 0, right = column > 25 ? 30 - column : 5;
    lenet_total total = 0;
    int i, j;
    for (i = top; i < bottom; i++) {
        const lenet_weight *weights = lenet_c1_weight + 25 * map + 5 * i;
        for (j = left; j < right; j++)
            total += weights[j] * (lenet_total)image[28 * (row + i - 2) + column + j - 2];
    }
    return lenet_c1_done(total, map);
}

/* C3's unit at (row, column) of 10x10: 5x5 units of each S2 map whose bit is set. */
static inline lenet_unit lenet_c3(const lenet_unit s2[1176], int map, int row, int column) {
    const lenet_weight *weights = lenet_c3_weight + 25 * lenet_c3_first[map];
    lenet_total total = 0;
    int from, i, j;
    for (from = 0; from < 6; from++) {
        const lenet_unit *units = s2 + 196 * from + 14 * row + column;
        if (!(lenet_c3_inputs[map] >> from & 1)) continue;
        for (i = 0; i < 5; i++)
            for (j = 0; j < 5; j++) total += weights[5 * i + j] * (lenet_total)units[14 * i + j];
        weights += 25;
    }
    return lenet_c3_done(total, map);
}

/* One fully connected unit: of C5, on all of S4, or of F6. */
static inline lenet_total lenet_products(const lenet_weight *weights, const lenet_unit *units,
                                         int count) {
    lenet_total total = 0;
    int i;
    for (i = 0; i < count; i++) total += weights[i] * (lenet_total)units[i];
    return total;
}

/* As lenet_classify, in memory of your own: for several threads, or on the stack. */
static inline int lenet_classify_in(lenet_memory *memory, const uint8_t image[784],
                                    float penalties[10]) {
    lenet_unit *s2 = memory->s2, *s4 = memory->s4;
    int map, row, column, best = 0;
    for (map = 0; map < 6; map++)
        for (row = 0; row < 28; row += 2)
            for (column = 0; column < 28; column += 2)
                *s2++ = lenet_s2(lenet_c1(image, map, row, column),
                                 lenet_c1(image, map, row, column + 1),
                                 lenet_c1(image, map, row + 1, column),
                                 lenet_c1(image, map, row + 1, column + 1), map);
    for (map = 0; map < 16; map++)
        for (row = 0; row < 10; row += 2)
            for (column = 0; column < 10; column += 2)
                *s4++ = lenet_s4(lenet_c3(memory->s2, map, row, column),
                                 lenet_c3(memory->s2, map, row, column + 1),
                                 lenet_c3(memory->s2, map, row + 1, column),
                                 lenet_c3(memory->s2, map, row + 1, column + 1), map);
    for (map = 0; map < 120; map++)
        memory->c5[map] = lenet_c5_done(lenet_products(lenet_c5_weight + 400L * map, memory->s4, 400),
                                        map);
    for (map = 0; map < 84; map++)
        memory->f6[map] = lenet_f6_done(lenet_products(lenet_f6_weight + 120 * map, memory->c5, 120),
                                        map);
    for (map = 0; map < 10; map++) {
        penalties[map] = lenet_penalty(memory->f6, map);
        if (penalties[map] < penalties[best]) best = map;
    }
    return best;
}

/* The digit that a 28x28 image shows, 0 ... 9, and the penalties of all ten: the lowest wins. */
static inline int lenet_classify(const uint8_t image[784], float penalties[10]) {
    static lenet_memory memory;
    return lenet_classify_in(&memory, image, penalties);
}
