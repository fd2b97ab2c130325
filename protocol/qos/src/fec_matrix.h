#ifndef DC_PROTOCOL_QOS_FEC_MATRIX_H
#define DC_PROTOCOL_QOS_FEC_MATRIX_H
/*
 * The code's generator: identity above a Cauchy matrix, of which every square part can be inverted. (ISA-L's other one,
 * gf_gen_rs_matrix, is only good for few parities.) Row r of the parity is 1 / ((k + r) ^ column), so it does not depend
 * on how many parities there are.
 */
#include <stdint.h>

#include <isa-l/erasure_code.h>

#include <protocol/rtp/fec_payload.h>

static inline void
dc_fec_parity_row(uint8_t *out, unsigned data_count, unsigned row)
{
    for (unsigned column = 0; column < data_count; column++)
        out[column] = gf_inv((uint8_t)((data_count + row) ^ column));
}

#endif
