#include <lvng/crm/crm.hpp>
#include <lvng/crm/postgresql.hpp>

#include <iostream>

using namespace lvng::crm;

// No server is needed to see that the library is linked and its errors are caught.
int main() {
    try {
        const Crm crm{postgresql_store({.url = "postgresql://127.0.0.1/book", .pool_size = 0})};
    } catch (const Error& error) {
        std::cout << to_string(error.code()) << '\n';
    }
}
