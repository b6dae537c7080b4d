//! Agreement with hand cases, with scikit-learn, and with what simulations put in.
