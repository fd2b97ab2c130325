#include <protocol/qos/fec_rate.h>

#include <protocol/rtp/fec_payload.h>

#define MAX_COUNTED (DC_FEC_MAX_PARITY + 1) // losses; one more than can be repaired is "too many"

/* Two states, losses counted up to where they are too many; the packets are walked one by one. */
double
dc_fec_failure(unsigned packet_count, unsigned parity_count, double loss, double burst)
{
    double good[MAX_COUNTED + 1] = { 0 }, bad[MAX_COUNTED + 1] = { 0 }; // [n]: n lost so far
    unsigned limit = parity_count < DC_FEC_MAX_PARITY ? parity_count : DC_FEC_MAX_PARITY;
    double failed = 0;
    if (loss <= 0)
        return 0;
    if (loss >= 0.99)
        return 1;
    if (burst < 1 / (1 - loss))
        burst = 1 / (1 - loss);
    double leave = 1 / burst, enter = leave * loss / (1 - loss);
    good[0] = 1 - loss; // the state before the first packet decides how it fares
    bad[0] = loss;
    for (unsigned i = 0; i < packet_count; i++) {
        double lost = 0; // falls out of the table
        for (unsigned n = limit + 1; n-- > 0;) {
            double g = good[n], b = bad[n]; // of this packet: received, lost
            good[n] = g * (1 - enter);
            bad[n] = g * enter;
            if (n == limit)
                lost += b;
            else {
                good[n + 1] += b * leave;
                bad[n + 1] += b * (1 - leave);
            }
        }
        failed += lost;
    }
    return failed;
}

unsigned
dc_fec_parity_count(unsigned data_count, double loss, double burst, double target)
{
    unsigned limit = data_count < DC_FEC_MAX_PARITY ? data_count : DC_FEC_MAX_PARITY;
    unsigned count = 1;
    while (count < limit && dc_fec_failure(data_count + count, count, loss, burst) > target)
        count++;
    return count;
}
