-- Example data of the gallery: a customer table somebody exported "for the staging site".
CREATE TABLE `wp_customers` (`id` int, `email` varchar(190), `phone` varchar(40));
INSERT INTO `wp_customers` VALUES (1, 'ada@client.example.net', '+49 30 5550101'), (2, 'alan@client.example.net', '+49 30 5550102');
