// Placeholder of the first build: replaced by the kernels.
