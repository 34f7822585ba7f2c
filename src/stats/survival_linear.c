/* Small symmetric systems whose columns may say the same, and the tails of tests.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "survival_internal.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

double survival_z(double level) {
    return gsl_cdf_ugaussian_Pinv(1 - (1 - level) / 2);
}

double survival_p_normal(double z) {
    return isnan(z) ? NAN : 2 * gsl_cdf_ugaussian_Q(fabs(z));
}

double survival_p_chisq(double chisq, size_t df) {
    return df == 0 || isnan(chisq) ? NAN : gsl_cdf_chisq_Q(fmax(0, chisq), (double)df);
}

size_t cholesky(double *a, size_t n, const double *floor, bool *used) {
    size_t rank = 0;
    for (size_t j = 0; j < n; j++) {
        double pivot = a[j * n + j];
        for (size_t k = 0; k < j; k++)
            pivot -= used[k] ? a[j * n + k] * a[j * n + k] : 0;
        used[j] = pivot > floor[j];
        if (!used[j])
            continue;
        rank++;
        a[j * n + j] = sqrt(pivot);
        for (size_t i = j + 1; i < n; i++) {
            double sum = a[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum -= used[k] ? a[i * n + k] * a[j * n + k] : 0;
            a[i * n + j] = sum / a[j * n + j];
        }
    }
    return rank;
}

void cholesky_solve(const double *factor, size_t n, const bool *used, const double *b, double *x) {
    for (size_t i = 0; i < n; i++) {
        double sum = used[i] ? b[i] : 0;
        for (size_t k = 0; k < i && used[i]; k++)
            sum -= factor[i * n + k] * x[k];
        x[i] = used[i] ? sum / factor[i * n + i] : 0;
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n && used[i]; k++)
            x[i] -= used[k] ? factor[k * n + i] * x[k] : 0;
        if (used[i])
            x[i] /= factor[i * n + i];
    }
}

void cholesky_inverse(const double *factor, size_t n, const bool *used, double *inverse, double *work) {
    for (size_t j = 0; j < n; j++) {
        memset(work, 0, n * sizeof *work);
        work[j] = 1;
        cholesky_solve(factor, n, used, work, work);
        for (size_t i = 0; i < n; i++)
            inverse[i * n + j] = used[j] ? work[i] : 0;
    }
}

double quadratic_form(double *a, size_t n, const double *b, double tolerance, size_t *rank, bool *used, double *work) {
    double *const x = work, *const floor = work + n;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        floor[i] = tolerance * fabs(a[i * n + i]);
    *rank = cholesky(a, n, floor, used);
    cholesky_solve(a, n, used, b, x);
    for (size_t i = 0; i < n; i++)
        sum += b[i] * x[i];
    return sum;
}
