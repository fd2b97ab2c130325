#ifndef DC_PROTOCOL_QOS_FEC_RATE_H
#define DC_PROTOCOL_QOS_FEC_RATE_H
/*
 * How many parity packets a block needs so that it is lost rarely enough. Losses are modelled as a Gilbert channel: a
 * packet is lost in the bad state, whose mean length is `burst` packets, and the bad state's share is `loss`.
 */
#include <stdint.h>

/* The probability that more than `parity_count` of `packet_count` consecutive packets are lost. burst ≥ 1 / (1 − loss) is
 * independent loss at its least. */
double dc_fec_failure(unsigned packet_count, unsigned parity_count, double loss, double burst);
/* The least number (1 … DC_FEC_MAX_PARITY, at most `data_count`) with which data and parity together fail with at most
 * the probability `target`. */
unsigned dc_fec_parity_count(unsigned data_count, double loss, double burst, double target);

#endif
